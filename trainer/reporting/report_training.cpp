// SPDX-License-Identifier: LGPL-2.1-or-later
// How the training went: curves, and their numbers.
#include <algorithm>
#include <cmath>
#include <functional>

#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"
#include "reporting/svg_chart.h"

namespace torchclassify {
namespace {

using Value = std::function<double(const EpochRecord&)>;

constexpr std::size_t kMostDots = 60;  // epochs; more would hide the line

bool validated(const History& history) {
  return std::ranges::any_of(history, &EpochRecord::validated);
}

ChartSeries curve(const History& history, const std::string& name,
                  const std::string& css_class, const Value& value,
                  bool of_validation) {
  ChartSeries series{.name = name, .css_class = css_class};
  for (const EpochRecord& epoch : history) {
    if (of_validation && !epoch.validated)
      continue;
    const double y = value(epoch);
    series.points.push_back({static_cast<double>(epoch.epoch), y});
    if (history.size() <= kMostDots)
      series.tooltips.push_back("epoch " + std::to_string(epoch.epoch) + ", " +
                                name + ": " + significant(y, 4));
  }
  return series;
}

// Between two curves.
ChartSeries gap(const ChartSeries& upper, const ChartSeries& lower) {
  ChartSeries area{.name = "Gap",
                   .css_class = "band",
                   .points = upper.points,
                   .draw = Draw::kArea};
  area.points.insert(area.points.end(), lower.points.rbegin(),
                     lower.points.rend());
  return area;
}

// The last epoch that was the best so far.
const EpochRecord* best_of(const History& history) {
  const auto best =
      std::find_if(history.rbegin(), history.rend(),
                   [](const EpochRecord& epoch) { return epoch.best; });
  return best == history.rend() ? nullptr : &*best;
}

Chart chart_of(const History& history, const std::string& id,
               const std::string& title) {
  const double first = history.front().epoch;
  const double last = history.back().epoch;
  return {.id = id,
          .title = title,
          .x = {.name = "Epoch",
                .low = last > first ? first : first - 1,
                .high = last > first ? last : first + 1,
                .whole = true}};
}

void mark_best(Chart& chart, const History& history) {
  const EpochRecord* best = best_of(history);
  if (!best)
    return;
  const double x = best->epoch;
  chart.series.push_back({.name = "Best: epoch " + std::to_string(best->epoch),
                          .css_class = "mark",
                          .points = {{x, chart.y.low}, {x, chart.y.high}}});
}

void add_curves(Chart& chart, const History& history, const Value& train,
                const Value& valid) {
  ChartSeries training =
      curve(history, "Training", "line one", train, /*of_validation=*/false);
  if (validated(history)) {
    ChartSeries validation =
        curve(history, "Validation", "line two", valid, /*of_validation=*/true);
    chart.series.push_back(gap(training, validation));
    chart.series.push_back(std::move(training));
    chart.series.push_back(std::move(validation));
  } else {
    chart.series.push_back(std::move(training));
  }
}

// The least and the largest finite value of the chart's curves.
std::pair<double, double> extent(const Chart& chart) {
  double low = INFINITY, high = -INFINITY;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      if (std::isfinite(point.y)) {
        low = std::min(low, point.y);
        high = std::max(high, point.y);
      }
    }
  }
  return {low, high};
}

std::string loss_chart(const History& history) {
  Chart chart = chart_of(history, "loss", "Loss");
  add_curves(
      chart, history, [](const auto& epoch) { return epoch.train_loss; },
      [](const auto& epoch) { return epoch.valid_loss; });
  chart.y = {.name = "Nats", .high = round_up(extent(chart).second)};
  chart.description = "Training loss by epoch, from " +
                      significant(history.front().train_loss, 4) + " to " +
                      significant(history.back().train_loss, 4) +
                      ", and the validation loss where there is one.";
  mark_best(chart, history);
  return to_figure(chart);
}

std::string accuracy_chart(const History& history) {
  Chart chart = chart_of(history, "accuracy", "Accuracy");
  add_curves(
      chart, history, [](const auto& epoch) { return epoch.train_accuracy; },
      [](const auto& epoch) { return epoch.valid_accuracy; });
  const double low = extent(chart).first;
  chart.y = {.name = "Share of pictures",
             .low = std::clamp(std::floor(low * 10) / 10, 0.0, 0.9),
             .percent = true};
  chart.description =
      "Accuracy by epoch; in the last one " +
      percent(history.back().train_accuracy, 1) + " in training" +
      (history.back().validated
           ? ", " + percent(history.back().valid_accuracy, 1) +
                 " in validation, a gap of " +
                 fixed(100 * history.back().accuracy_gap(), 1) + " points."
           : ".");
  mark_best(chart, history);
  return to_figure(chart);
}

std::string rate_chart(const History& history) {
  Chart chart = chart_of(history, "rate", "Learning rate");
  chart.series.push_back(curve(
      history, "", "line three",
      [](const auto& epoch) { return epoch.learning_rate; },
      /*of_validation=*/false));
  const double highest = extent(chart).second;
  chart.y = {.name = "At the end of the epoch", .high = round_up(highest)};
  chart.description = "Learning rate of each epoch's last step, at most " +
                      significant(highest, 4) + ".";
  return to_figure(chart);
}

std::string numbers(const History& history) {
  std::string rows;
  for (const EpochRecord& epoch : history) {
    const auto valid = [&](const std::string& text) {
      return cell(epoch.validated ? text : "\u2013");
    };
    rows += tag(epoch.best ? "tr class=best" : "tr",
                row_head(std::to_string(epoch.epoch)) +
                    cell(fixed(epoch.train_loss, 4)) +
                    valid(fixed(epoch.valid_loss, 4)) +
                    cell(percent(epoch.train_accuracy)) +
                    valid(percent(epoch.valid_accuracy)) +
                    valid(fixed(100 * epoch.accuracy_gap(), 2)) +
                    valid(percent(epoch.valid_macro.f1)) +
                    cell(significant(epoch.learning_rate, 4))) +
            "\n";
  }
  const std::string table =
      tag("table", head_row("Epoch", "Loss", "Validation loss", "Accuracy",
                            "Validation accuracy", "Gap, points",
                            "Validation macro F1", "Learning rate") +
                       tag("tbody", rows));
  return tag("details", tag("summary", "Numbers of each epoch") +
                            scrolling("Numbers of each epoch", table));
}

}  // namespace

std::string training_section(const Report& report) {
  const History& history = report.history;
  if (history.empty())
    return "";
  return tag("div class=charts", loss_chart(history) + accuracy_chart(history) +
                                     rate_chart(history)) +
         numbers(history);
}

}  // namespace torchclassify
