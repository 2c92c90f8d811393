// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether confidences can be trusted: reliability diagram and top-k accuracy.
#include <algorithm>

#include "reporting/html.h"
#include "reporting/number_text.h"
#include "reporting/report_sections.h"
#include "reporting/svg_chart.h"
#include "torchclassify/train/calibration.h"

namespace torchclassify {
namespace {

using Bins = std::vector<ReliabilityBin>;

constexpr std::size_t kMostTop = 10;

double edge(std::size_t i, const Bins& bins) {
  return static_cast<double>(i) / static_cast<double>(bins.size());
}

std::string tooltip(std::size_t i, const Bins& bins) {
  return "confidence " + fixed(100 * edge(i, bins), 0) + "\u2013" +
         percent(edge(i + 1, bins), 0) + ": " + grouped(bins[i].count) +
         " pictures, " + percent(bins[i].accuracy, 1) +
         " right, mean confidence " + percent(bins[i].confidence, 1);
}

std::string reliability_chart(const Bins& bins) {
  const double error = expected_calibration_error(bins);
  Chart chart{.id = "reliability",
              .title = "Reliability",
              .description =
                  "Accuracy of the answers with similar confidence. "
                  "The expected calibration error is " +
                  percent(error) + ".",
              .x = {.name = "Confidence", .percent = true},
              .y = {.name = "Accuracy", .percent = true}};
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].count == 0)
      continue;
    const auto [low, high] = std::minmax(bins[i].accuracy, bins[i].confidence);
    const ChartBar accuracy{.left = edge(i, bins),
                            .right = edge(i + 1, bins),
                            .high = bins[i].accuracy,
                            .css_class = "fill",
                            .tooltip = tooltip(i, bins)};
    chart.bars.push_back(accuracy);
    ChartBar gap = accuracy;
    gap.low = low;
    gap.high = high;
    gap.css_class = "gap";
    chart.bars.push_back(gap);
  }
  chart.series = {
      {.name = "Accuracy", .css_class = "fill", .draw = Draw::kArea},
      {.name = "Distance to the confidence",
       .css_class = "gap",
       .draw = Draw::kArea},
      {.name = "Calibrated", .css_class = "mark", .points = {{0, 0}, {1, 1}}}};
  return to_figure(chart);
}

std::string confidence_chart(const Bins& bins) {
  std::int64_t most = 0;
  for (const ReliabilityBin& bin : bins) most = std::max(most, bin.count);
  Chart chart{.id = "confidences",
              .title = "How sure the model was",
              .description =
                  "Number of pictures by the confidence in the "
                  "predicted class.",
              .x = {.name = "Confidence", .percent = true},
              .y = {.name = "Pictures",
                    .high = round_up(static_cast<double>(most)),
                    .whole = true}};
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].count > 0)
      chart.bars.push_back({.left = edge(i, bins),
                            .right = edge(i + 1, bins),
                            .high = static_cast<double>(bins[i].count),
                            .css_class = "fill",
                            .tooltip = tooltip(i, bins)});
  }
  return to_figure(chart);
}

std::string top_table(const Report& report) {
  const std::size_t most = std::min(kMostTop, report.classes.size() - 1);
  const std::vector<double> shares = top_k_accuracy(report.answers, most);
  std::string rows;
  for (std::size_t i = 0; i < shares.size(); ++i)
    rows += tag("tr", row_head(std::to_string(i + 1)) + bar_cell(shares[i]));
  return tag("div class=beside",
             tag("h3", "Top-k accuracy") +
                 tag("table class=wide",
                     head_row("k", "The truth is among the k most probable") +
                         tag("tbody", rows)));
}

std::string temperature_sentence(double temperature) {
  return temperature == 1 ? ""
                          : tag("p", "Logits are divided by the temperature " +
                                         significant(temperature, 4) + ".");
}

}  // namespace

std::string confidence_section(const Report& report) {
  if (report.answers.size() == 0 || !report.answers.targets.empty())
    return "";
  const Bins bins = reliability(report.answers, report.temperature);
  return temperature_sentence(report.temperature) +
         tag("div class=charts",
             reliability_chart(bins) + confidence_chart(bins) +
                 (report.classes.size() > 2 ? top_table(report) : ""));
}

}  // namespace torchclassify
