// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/metrics.h"

#include <cmath>

#include "measures/decisions.h"
#include "measures/softmax.h"
#include "torchclassify/train/calibration.h"

namespace torchclassify {
namespace {

constexpr std::size_t kTop = 5;

std::vector<DecisionCounts> counts_of(
    const std::vector<std::vector<std::int64_t>>& confusion) {
  std::vector<DecisionCounts> counts(confusion.size());
  for (std::size_t i = 0; i < confusion.size(); ++i) {
    counts[i].hits = confusion[i][i];
    for (std::size_t j = 0; j < confusion.size(); ++j) {
      counts[i].support += confusion[i][j];
      counts[j].predicted += confusion[i][j];
    }
  }
  return counts;
}

// Cohen's kappa and the multiclass Matthews correlation: how much better than
// chance, which hits that often.
void score_against_chance(const std::vector<DecisionCounts>& counts,
                          Metrics& metrics) {
  double hits = 0;
  double total = 0;
  double chance = 0;         // sum of support * predicted
  double truth_squared = 0;  // sum of support^2
  double predicted_squared = 0;
  for (const DecisionCounts& one : counts) {
    const auto support = static_cast<double>(one.support);
    const auto predicted = static_cast<double>(one.predicted);
    hits += static_cast<double>(one.hits);
    total += support;
    chance += support * predicted;
    truth_squared += support * support;
    predicted_squared += predicted * predicted;
  }
  const double expected_errors = total - chance / total;
  if (expected_errors > 0)
    metrics.kappa = 1 - (total - hits) / expected_errors;
  const double spread =
      (total * total - truth_squared) * (total * total - predicted_squared);
  if (spread > 0)
    metrics.mcc = (hits * total - chance) / std::sqrt(spread);
}

// accuracy, top5_accuracy, loss and confusion.
void score_pictures(const Answers& answers, double temperature,
                    Metrics& metrics) {
  const auto total = static_cast<double>(answers.size());
  std::int64_t hits = 0;
  std::int64_t among_top = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto logits = answers.row(i);
    const auto truth = static_cast<std::size_t>(answers.truth[i]);
    const std::size_t predicted = predicted_class(logits);
    ++metrics.confusion[truth][predicted];
    hits += predicted == truth;
    among_top += rank_of(truth, logits) < kTop;
    metrics.loss += Softmax(logits, temperature).loss(logits[truth]);
  }
  metrics.accuracy = static_cast<double>(hits) / total;
  metrics.top5_accuracy = static_cast<double>(among_top) / total;
  metrics.loss /= total;
}

}  // namespace

Metrics measure(const Answers& answers, double temperature) {
  check_single_label(answers);
  check_temperature(temperature);
  Metrics metrics;
  metrics.per_class.resize(answers.classes);
  metrics.confusion.assign(answers.classes,
                           std::vector<std::int64_t>(answers.classes));
  if (answers.size() == 0)
    return metrics;

  score_pictures(answers, temperature, metrics);
  const auto counts = counts_of(metrics.confusion);
  score_decisions(counts, /*absent_too=*/false, metrics);
  score_against_chance(counts, metrics);
  metrics.ece = expected_calibration_error(reliability(answers, temperature));
  score_rankings(ClassDecider(answers, Activation::kSoftmax, temperature),
                 metrics);
  return metrics;
}

}  // namespace torchclassify
