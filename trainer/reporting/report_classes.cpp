// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of classes, and how unevenly pictures are spread over them.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"
#include "reporting/svg_chart.h"

namespace torchclassify {
namespace {

constexpr std::size_t kRarestListed = 10;

std::string score_cells(const Scores& scores) {
  return cell(percent(scores.precision)) + cell(percent(scores.recall)) +
         bar_cell(scores.f1);
}

std::string headings(const Report& report) {
  std::string html;
  for (const char* name : {"Class", "Precision", "Recall", "F1",
                           "Average precision", "ROC AUC", "Pictures"})
    html += tag("th scope=col", name);
  if (!report.training_counts.empty())
    html += tag("th scope=col", "Training pictures");
  if (!report.thresholds.empty())
    html += tag("th scope=col", "Threshold");
  return tag("thead", tag("tr", html));
}

std::string class_row(const Report& report, std::size_t id) {
  const ClassScores& scores = report.metrics.per_class[id];
  std::string cells = row_head(report.classes[id]) + score_cells(scores) +
                      cell(fixed(scores.average_precision, 4)) +
                      cell(fixed(scores.roc_auc, 4)) +
                      cell(std::to_string(scores.support));
  if (!report.training_counts.empty())
    cells += cell(std::to_string(report.training_counts[id]));
  if (!report.thresholds.empty())
    cells += cell(fixed(report.thresholds[id], 3));
  return tag("tr", cells) + "\n";
}

std::string mean_row(const Report& report, const std::string& name,
                     const Scores& scores, bool with_areas) {
  const Metrics& metrics = report.metrics;
  std::string cells =
      row_head(name) + score_cells(scores) +
      cell(with_areas ? fixed(metrics.mean_average_precision, 4) : "") +
      cell(with_areas ? fixed(metrics.mean_roc_auc, 4) : "") + cell("");
  if (!report.training_counts.empty())
    cells += cell("");
  if (!report.thresholds.empty())
    cells += cell("");
  return tag("tr", cells) + "\n";
}

std::string mean_rows(const Report& report) {
  const Metrics& metrics = report.metrics;
  return mean_row(report, "Mean of classes (macro)", metrics.macro,
                  /*with_areas=*/true) +
         mean_row(report, "Weighted by pictures", metrics.weighted,
                  /*with_areas=*/false) +
         mean_row(report, "Over all decisions (micro)", metrics.micro,
                  /*with_areas=*/false);
}

// Training pictures or, where those are not known, the ones measured on.
std::int64_t size_of(const Report& report, std::size_t id) {
  return report.training_counts.empty() ? report.metrics.per_class[id].support
                                        : report.training_counts[id];
}

// The largest first; equal ones by ids.
std::vector<std::size_t> classes_by_size(const Report& report) {
  std::vector<std::size_t> order(report.metrics.per_class.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return size_of(report, a) > size_of(report, b);
  });
  return order;
}

// What is counted where.
std::string kind_of_size(const Report& report) {
  return report.training_counts.empty() ? "pictures" : "training pictures";
}

std::string size_chart(const Report& report,
                       const std::vector<std::size_t>& order) {
  const auto count = static_cast<double>(order.size());
  const std::int64_t most = size_of(report, order.front());
  const std::int64_t least = size_of(report, order.back());
  Chart chart{
      .id = "sizes",
      .title = "Size of the classes",
      .description = "From " + std::to_string(most) + " to " +
                     std::to_string(least) + " " + kind_of_size(report) +
                     " a class.",
      .x = {.name = "Classes, the largest first", .high = count, .whole = true},
      .y = {.name = report.training_counts.empty() ? "Pictures"
                                                   : "Training pictures",
            .high = round_up(static_cast<double>(most)),
            .whole = true}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::int64_t size = size_of(report, order[i]);
    const double left = static_cast<double>(i);
    chart.bars.push_back(
        {.left = left + 0.1,
         .right = left + 0.9,
         .high = static_cast<double>(size),
         .css_class = "fill",
         .tooltip = report.classes[order[i]] + ": " + std::to_string(size)});
  }
  return to_figure(chart);
}

// Whether small classes are those that the model misses.
std::string recall_chart(const Report& report,
                         const std::vector<std::size_t>& order) {
  const double most = static_cast<double>(size_of(report, order.front()));
  const double least = static_cast<double>(size_of(report, order.back()));
  Chart chart{
      .id = "recalls",
      .title = "Recall by size",
      .description =
          "One dot a class: its recall over its number of "
          "training pictures.",
      .x = {.name = "Training pictures",
            .low = std::pow(10, std::floor(std::log10(std::max(least, 1.0)))),
            .high =
                std::pow(10, std::ceil(std::log10(std::max(most, 1.0) + 0.5))),
            .logarithmic = true},
      .y = {.name = "Recall", .percent = true}};
  ChartSeries dots{.css_class = "one", .draw = Draw::kDots};
  for (const std::size_t id : order) {
    const ClassScores& scores = report.metrics.per_class[id];
    if (scores.support == 0)
      continue;
    const auto size = static_cast<double>(size_of(report, id));
    dots.points.push_back({std::max(size, 1.0), scores.recall});
    dots.tooltips.push_back(report.classes[id] + ": " + fixed(size, 0) +
                            " training pictures, recall " +
                            percent(scores.recall, 1));
  }
  chart.series.push_back(std::move(dots));
  return to_figure(chart);
}

std::string rarest_table(const Report& report,
                         const std::vector<std::size_t>& order) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(order.size(), kRarestListed); ++i) {
    const std::size_t id = order[order.size() - 1 - i];
    const ClassScores& scores = report.metrics.per_class[id];
    rows += tag("tr", row_head(report.classes[id]) +
                          cell(std::to_string(size_of(report, id))) +
                          bar_cell(scores.recall) + cell(percent(scores.f1)));
  }
  return tag(
      "div class=beside",
      tag("h3", "Smallest classes") +
          scrolling("Smallest classes",
                    tag("table", head_row("Class", "Pictures", "Recall", "F1") +
                                     tag("tbody", rows))));
}

std::string balance_sentence(const Report& report,
                             const std::vector<std::size_t>& order) {
  const std::int64_t most = size_of(report, order.front());
  const std::int64_t least = size_of(report, order.back());
  if (most == least)
    return tag("p", "Every class has " + grouped(most) + " " +
                        kind_of_size(report) + ".");
  std::string text = "The largest class, " + report.classes[order.front()] +
                     ", has " + grouped(most) + " " + kind_of_size(report) +
                     ", the smallest, " + report.classes[order.back()] + ", " +
                     grouped(least);
  if (least > 0)
    text += ": an imbalance of " +
            fixed(static_cast<double>(most) / static_cast<double>(least), 1) +
            " to 1";
  return tag("p", escape(text + ".")) + "\n";
}

}  // namespace

std::string class_section(const Report& report) {
  if (report.metrics.per_class.empty())
    return "";
  std::string rows;
  for (std::size_t id = 0; id < report.classes.size(); ++id)
    rows += class_row(report, id);
  return scrolling(
      "Measures of each class",
      tag("table class=sortable", headings(report) + tag("tbody", "\n" + rows) +
                                      tag("tfoot", mean_rows(report))));
}

std::string balance_section(const Report& report) {
  const std::vector<std::size_t> order = classes_by_size(report);
  if (order.empty())
    return "";
  std::string content = balance_sentence(report, order);
  if (size_of(report, order.front()) > size_of(report, order.back())) {
    std::string charts = size_chart(report, order);
    if (!report.training_counts.empty())
      charts += recall_chart(report, order);
    content += tag("div class=charts", charts + rarest_table(report, order));
  }
  return content;
}

}  // namespace torchclassify
