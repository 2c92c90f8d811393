// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measures/decisions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "measures/softmax.h"
#include "measures/threshold_steps.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

Scores scores_of(const DecisionCounts& counts) {
  const auto hits = static_cast<double>(counts.hits);
  const auto support = static_cast<double>(counts.support);
  const auto predicted = static_cast<double>(counts.predicted);
  return {.precision = ratio(hits, predicted),
          .recall = ratio(hits, support),
          .f1 = ratio(2 * hits, support + predicted)};
}

void add_weighted(Scores& sum, const Scores& scores, double weight) {
  sum.precision += scores.precision * weight;
  sum.recall += scores.recall * weight;
  sum.f1 += scores.f1 * weight;
}

void divide(Scores& sum, double count) {
  sum.precision = ratio(sum.precision, count);
  sum.recall = ratio(sum.recall, count);
  sum.f1 = ratio(sum.f1, count);
}

// The mean of the values that are numbers; 0 if there are none.
class MeanOfNumbers {
 public:
  void add(double value) {
    if (std::isnan(value))
      return;
    sum_ += value;
    ++count_;
  }
  double value() const { return ratio(sum_, count_); }

 private:
  double sum_ = 0;
  int count_ = 0;
};

}  // namespace

void score_decisions(const std::vector<DecisionCounts>& counts, bool absent_too,
                     Metrics& metrics) {
  DecisionCounts all;
  double averaged = 0;
  double with_support = 0;
  metrics.per_class.resize(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    ClassScores& scores = metrics.per_class[i];
    static_cast<Scores&>(scores) = scores_of(counts[i]);
    scores.support = counts[i].support;
    all.hits += counts[i].hits;
    all.support += counts[i].support;
    all.predicted += counts[i].predicted;
    averaged += absent_too || counts[i].support + counts[i].predicted > 0;
    with_support += counts[i].support > 0;
    metrics.balanced_accuracy += scores.recall;
    add_weighted(metrics.macro, scores, 1);
    add_weighted(metrics.weighted, scores, static_cast<double>(scores.support));
  }
  // Divided once: a sum of ones stays a whole number.
  metrics.balanced_accuracy = ratio(metrics.balanced_accuracy, with_support);
  divide(metrics.macro, averaged);
  divide(metrics.weighted, static_cast<double>(all.support));
  metrics.micro = scores_of(all);
}

void score_rankings(const ClassDecider& decider, Metrics& metrics) {
  MeanOfNumbers mean_precision;
  MeanOfNumbers mean_area;
  for (std::size_t label = 0; label < metrics.per_class.size(); ++label) {
    const ClassDecisions decisions = decider.of_class(label);
    const auto steps = threshold_steps(decisions.truth, decisions.scores);
    ClassScores& of_class = metrics.per_class[label];
    of_class.roc_auc = roc_auc(steps);
    // Where the answer is known beforehand no ranking is measured.
    of_class.average_precision = std::isnan(of_class.roc_auc)
                                     ? std::numeric_limits<double>::quiet_NaN()
                                     : average_precision(steps);
    mean_precision.add(of_class.average_precision);
    mean_area.add(of_class.roc_auc);
  }
  metrics.mean_average_precision = mean_precision.value();
  metrics.mean_roc_auc = mean_area.value();
}

std::size_t predicted_class(std::span<const float> logits) {
  const auto best = std::max_element(logits.begin(), logits.end());
  return static_cast<std::size_t>(best - logits.begin());
}

std::size_t rank_of(std::size_t truth, std::span<const float> logits) {
  std::size_t rank = 0;
  for (std::size_t i = 0; i < logits.size(); ++i)
    rank +=
        logits[i] > logits[truth] || (logits[i] == logits[truth] && i < truth);
  return rank;
}

bool is_predicted(double logit, std::size_t label,
                  const std::vector<float>& thresholds) {
  return sigmoid(logit) >= (thresholds.empty() ? 0.5 : thresholds.at(label));
}

void check_single_label(const Answers& answers) {
  if (answers.truth.size() != answers.size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected one label per picture, got " +
                    std::to_string(answers.truth.size()) + " labels for " +
                    std::to_string(answers.size()) + " pictures");
}

void check_multi_label(const Answers& answers) {
  const std::size_t expected = answers.size() * answers.classes;
  if (answers.targets.size() != expected)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a target per picture and class, " +
                    std::to_string(expected) + ", got " +
                    std::to_string(answers.targets.size()));
}

void check_labels(const Answers& answers) {
  answers.targets.empty() ? check_single_label(answers)
                          : check_multi_label(answers);
}

void check_thresholds(const std::vector<float>& thresholds,
                      std::size_t classes) {
  if (!thresholds.empty() && thresholds.size() != classes)
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::to_string(classes) + " thresholds, got " +
                    std::to_string(thresholds.size()));
}

void check_temperature(double temperature) {
  if (!std::isfinite(temperature) || temperature <= 0)
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected a temperature above 0, got " + std::to_string(temperature));
}

}  // namespace torchclassify
