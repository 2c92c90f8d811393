// SPDX-License-Identifier: LGPL-2.1-or-later
// The plot of a learning-rate range test.
#include <algorithm>
#include <cmath>

#include "reporting/number_text.h"
#include "reporting/svg_chart.h"
#include "torchclassify/error.h"
#include "torchclassify/train/lr_find.h"

namespace torchclassify {
namespace {

// Losses beyond it, at rates that are of no use, would flatten the others.
constexpr double kTop = 1.5;  // times the first loss

// From below the least smoothed loss to what is worth seeing.
ChartAxis loss_axis(const LearningRateCurve& curve) {
  const auto [least, largest] =
      std::ranges::minmax(curve.points, {}, &LearningRatePoint::smoothed);
  const double first = curve.points.front().smoothed;
  const double high = round_up(std::min(largest.smoothed, kTop * first));
  const double step = high / 10;
  return {.name = "Loss",
          .low = std::max(0.0, std::floor(least.smoothed / step - 1) * step),
          .high = high};
}

ChartSeries losses(const LearningRateCurve& curve, const ChartAxis& axis,
                   double LearningRatePoint::*loss) {
  ChartSeries series;
  for (const LearningRatePoint& point : curve.points)
    series.points.push_back(
        {point.learning_rate, std::clamp(point.*loss, axis.low, axis.high)});
  return series;
}

void mark(Chart& chart, const std::optional<double>& rate,
          const std::string& name, const std::string& css_class) {
  if (!rate || *rate < chart.x.low)
    return;
  chart.series.push_back(
      {.name = name + ": " + significant(*rate, 3),
       .css_class = css_class,
       .points = {{*rate, chart.y.low}, {*rate, chart.y.high}}});
}

}  // namespace

std::string to_svg(const LearningRateCurve& curve) {
  if (curve.points.size() < 2)
    throw Error(ErrorCode::kInvalidArgument,
                "expected at least two points to plot, got " +
                    std::to_string(curve.points.size()));
  Chart chart;
  chart.id = "lr-find";
  chart.title = "Learning rate range test";
  chart.description =
      "The loss of each step over its learning rate, and its moving average; "
      "larger losses are at the upper edge";
  chart.x.name = "Learning rate";
  chart.x.low = curve.points.front().learning_rate;
  chart.x.high = curve.points.back().learning_rate;
  chart.x.logarithmic = true;
  chart.y = loss_axis(curve);
  ChartSeries raw = losses(curve, chart.y, &LearningRatePoint::loss);
  raw.name = "Loss of a step";
  raw.css_class = "faint";
  ChartSeries smoothed = losses(curve, chart.y, &LearningRatePoint::smoothed);
  smoothed.name = "Moving average";
  smoothed.css_class = "one";
  chart.series = {raw, smoothed};
  mark(chart, curve.steepest, "Steepest descent", "three");
  mark(chart, curve.minimum_tenth, "A tenth of the minimum's rate", "two");
  return to_svg_document(chart);
}

}  // namespace torchclassify
