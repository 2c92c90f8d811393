// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "measures/threshold_steps.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check(std::span<const std::uint8_t> truth,
           std::span<const double> scores) {
  if (truth.size() != scores.size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected as many truths as scores, " +
                    std::to_string(scores.size()) + ", got " +
                    std::to_string(truth.size()));
  if (!std::all_of(scores.begin(), scores.end(),
                   [](double score) { return std::isfinite(score); }))
    throw Error(ErrorCode::kInvalidArgument,
                "expected finite scores, got NaN or Inf");
  if (!std::all_of(truth.begin(), truth.end(),
                   [](std::uint8_t one) { return one <= 1; }))
    throw Error(ErrorCode::kInvalidArgument,
                "expected truths of 0 and 1, got another value");
}

double share(std::int64_t part, std::int64_t whole, double of_nothing) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                   : of_nothing;
}

double precision_of(const ThresholdStep& step) {
  return share(step.hits, step.hits + step.false_alarms, 0);
}

// Whether the step before, this one and the next lie on a line, evenly spaced:
// what scikit-learn leaves out.
bool is_between(const ThresholdStep& before, const ThresholdStep& step,
                const ThresholdStep& after) {
  return after.hits - step.hits == step.hits - before.hits &&
         after.false_alarms - step.false_alarms ==
             step.false_alarms - before.false_alarms;
}

}  // namespace

ThresholdSteps threshold_steps(std::span<const std::uint8_t> truth,
                               std::span<const double> scores) {
  check(truth, scores);
  std::vector<std::pair<double, std::uint8_t>> ranked(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i)
    ranked[i] = {scores[i], truth[i]};
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  ThresholdSteps steps;
  ThresholdStep step{};
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    step.hits += ranked[i].second;
    step.false_alarms += 1 - ranked[i].second;
    step.threshold = ranked[i].first;
    if (i + 1 == ranked.size() || ranked[i + 1].first != ranked[i].first)
      steps.push_back(step);
  }
  return steps;
}

PrecisionRecallCurve precision_recall_curve(const ThresholdSteps& steps) {
  PrecisionRecallCurve curve;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    curve.thresholds.push_back(step->threshold);
    curve.precision.push_back(precision_of(*step));
    curve.recall.push_back(share(step->hits, steps.back().hits, 1));
  }
  curve.precision.push_back(1);
  curve.recall.push_back(0);
  return curve;
}

RocCurve roc_curve(const ThresholdSteps& steps) {
  const ThresholdStep all = steps.empty() ? ThresholdStep{} : steps.back();
  RocCurve curve;
  const auto add = [&](const ThresholdStep& step) {
    curve.thresholds.push_back(step.threshold);
    curve.true_positive_rate.push_back(share(step.hits, all.hits, kNaN));
    curve.false_positive_rate.push_back(
        share(step.false_alarms, all.false_alarms, kNaN));
  };
  add({std::numeric_limits<double>::infinity(), 0, 0});
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool inner = i > 0 && i + 1 < steps.size();
    if (!inner || !is_between(steps[i - 1], steps[i], steps[i + 1]))
      add(steps[i]);
  }
  return curve;
}

double average_precision(const ThresholdSteps& steps) {
  if (steps.empty() || steps.back().hits == 0)
    return kNaN;
  double sum = 0;
  std::int64_t hits = 0;
  for (const ThresholdStep& step : steps) {
    sum += static_cast<double>(step.hits - hits) * precision_of(step);
    hits = step.hits;
  }
  return sum / static_cast<double>(hits);
}

double roc_auc(const ThresholdSteps& steps) {
  if (steps.empty() || steps.back().hits == 0 || steps.back().false_alarms == 0)
    return kNaN;
  double doubled = 0;  // trapezoids, in pictures times pictures
  ThresholdStep before{};
  for (const ThresholdStep& step : steps) {
    doubled += static_cast<double>(step.false_alarms - before.false_alarms) *
               static_cast<double>(step.hits + before.hits);
    before = step;
  }
  return doubled / 2 / static_cast<double>(before.hits) /
         static_cast<double>(before.false_alarms);
}

PrecisionRecallCurve precision_recall_curve(std::span<const std::uint8_t> truth,
                                            std::span<const double> scores) {
  return precision_recall_curve(threshold_steps(truth, scores));
}

RocCurve roc_curve(std::span<const std::uint8_t> truth,
                   std::span<const double> scores) {
  return roc_curve(threshold_steps(truth, scores));
}

double average_precision(std::span<const std::uint8_t> truth,
                         std::span<const double> scores) {
  return average_precision(threshold_steps(truth, scores));
}

double roc_auc(std::span<const std::uint8_t> truth,
               std::span<const double> scores) {
  return roc_auc(threshold_steps(truth, scores));
}

double best_f1_threshold(std::span<const std::uint8_t> truth,
                         std::span<const double> scores) {
  const auto steps = threshold_steps(truth, scores);
  if (steps.empty() || steps.back().hits == 0)
    return 0.5;
  const auto predicted_and_there = [&](const ThresholdStep& step) {
    return step.hits + step.false_alarms + steps.back().hits;
  };
  ThresholdStep best = steps.front();
  for (const ThresholdStep& step : steps) {
    // hits / count compared in integers, where equal is equal.
    if (step.hits * predicted_and_there(best) >
        best.hits * predicted_and_there(step))
      best = step;
  }
  return best.threshold;
}

}  // namespace torchclassify
