// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reporting/class_curves.h"

#include <algorithm>
#include <cmath>

#include "measures/class_decisions.h"
#include "measures/threshold_steps.h"

namespace torchclassify {
namespace {

constexpr std::size_t kMostPoints = 300;
constexpr std::size_t kDrawAll = 50;               // classes
constexpr std::size_t kWorst = 20;                 // classes
constexpr std::size_t kGrid = 101;                 // points of a mean curve
constexpr std::size_t kMostDecisions = 5'000'000;  // sorted in 1 s, 200 MB

ClassDecisions all_decisions(const Report& report) {
  const Answers& answers = report.answers;
  ClassDecisions all{
      .scores = probabilities(answers, report.activation, report.temperature)};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t id = 0; id < answers.classes; ++id)
      all.truth.push_back(has_class(answers, i, id));
  }
  return all;
}

CurvePair curves_of(const ClassDecisions& decisions) {
  const auto steps = threshold_steps(decisions.truth, decisions.scores);
  const auto precision_recall = precision_recall_curve(steps);
  const auto roc = roc_curve(steps);
  CurvePair pair;
  for (std::size_t i = precision_recall.recall.size(); i-- > 0;)
    pair.precision_recall.push_back(
        {precision_recall.recall[i], precision_recall.precision[i]});
  for (std::size_t i = 0; i < roc.true_positive_rate.size(); ++i)
    pair.roc.push_back({roc.false_positive_rate[i], roc.true_positive_rate[i]});
  return pair;
}

CurvePair thinned(const CurvePair& pair) {
  return {thinned(pair.precision_recall, kMostPoints),
          thinned(pair.roc, kMostPoints)};
}

// On the line between the curve's points; the upper end where it is vertical.
double height_at(const std::vector<ChartPoint>& curve, double x) {
  const auto after = std::ranges::upper_bound(curve, x, {}, &ChartPoint::x);
  if (after == curve.begin())
    return curve.front().y;
  const ChartPoint& left = *(after - 1);
  if (after == curve.end())
    return left.y;
  return std::lerp(left.y, after->y, (x - left.x) / (after->x - left.x));
}

// Of the step that ends at x or covers it.
double step_at(const std::vector<ChartPoint>& curve, double x) {
  const auto end = std::ranges::lower_bound(curve, x, {}, &ChartPoint::x);
  return end == curve.end() ? curve.back().y : end->y;
}

class MeanCurves {
 public:
  void add(const CurvePair& pair) {
    ++count_;
    for (std::size_t i = 0; i < kGrid; ++i) {
      precision_[i] += step_at(pair.precision_recall, place(i));
      roc_[i] += height_at(pair.roc, place(i));
    }
  }

  CurvePair mean() const {
    CurvePair pair;
    if (count_ == 0)
      return pair;
    pair.roc.push_back({0, 0});
    for (std::size_t i = 0; i < kGrid; ++i) {
      pair.precision_recall.push_back({place(i), precision_[i] / count_});
      pair.roc.push_back({place(i), roc_[i] / count_});
    }
    return pair;
  }

 private:
  static double place(std::size_t i) {
    return static_cast<double>(i) / (kGrid - 1);
  }

  double count_ = 0;
  std::vector<double> precision_ = std::vector<double>(kGrid);
  std::vector<double> roc_ = std::vector<double>(kGrid);
};

// Those with an average precision, by ids.
std::vector<std::size_t> measurable(const Metrics& metrics) {
  std::vector<std::size_t> ids;
  for (std::size_t id = 0; id < metrics.per_class.size(); ++id) {
    const ClassScores& scores = metrics.per_class[id];
    if (std::isfinite(scores.average_precision) &&
        std::isfinite(scores.roc_auc))
      ids.push_back(id);
  }
  return ids;
}

std::vector<std::size_t> worst(std::vector<std::size_t> ids,
                               const Metrics& metrics) {
  std::ranges::stable_sort(ids, {}, [&](std::size_t id) {
    return metrics.per_class[id].average_precision;
  });
  ids.resize(std::min(ids.size(), kWorst));
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

ClassCurves class_curves(const Report& report) {
  const ClassDecider decider(report.answers, report.activation,
                             report.temperature);
  const std::vector<std::size_t> ids = measurable(report.metrics);
  ClassCurves curves;
  curves.classes = ids.size() > kDrawAll ? worst(ids, report.metrics) : ids;
  MeanCurves mean;
  for (const std::size_t id : ids) {
    const CurvePair pair = curves_of(decider.of_class(id));
    mean.add(pair);
    if (std::ranges::binary_search(curves.classes, id))
      curves.own.push_back(thinned(pair));
  }
  curves.macro = mean.mean();
  if (!ids.empty() && report.answers.logits.size() <= kMostDecisions)
    curves.micro = thinned(curves_of(all_decisions(report)));
  return curves;
}

}  // namespace torchclassify
