// SPDX-License-Identifier: LGPL-2.1-or-later
// Measures of pictures that may have several labels.
#include "measures/decisions.h"
#include "measures/softmax.h"
#include "torchclassify/train/calibration.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {
namespace {

// Counts decisions; accuracy and loss on the way.
std::vector<DecisionCounts> decide(const Answers& answers,
                                   const std::vector<float>& thresholds,
                                   Metrics& metrics) {
  std::vector<DecisionCounts> counts(answers.classes);
  std::int64_t all_right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    bool right = true;
    for (std::size_t label = 0; label < answers.classes; ++label) {
      const double logit = answers.row(i)[label];
      const bool there = has_class(answers, i, label);
      const bool predicted = is_predicted(logit, label, thresholds);
      counts[label].support += there;
      counts[label].predicted += predicted;
      counts[label].hits += there && predicted;
      right = right && there == predicted;
      metrics.loss += sigmoid_loss(logit, there);
    }
    all_right += right;
  }
  metrics.accuracy =
      static_cast<double>(all_right) / static_cast<double>(answers.size());
  metrics.loss /= static_cast<double>(answers.logits.size());
  return counts;
}

}  // namespace

Metrics measure_multi_label(const Answers& answers,
                            const std::vector<float>& thresholds) {
  check_multi_label(answers);
  check_thresholds(thresholds, answers.classes);
  Metrics metrics;
  metrics.per_class.resize(answers.classes);
  if (answers.size() == 0)
    return metrics;

  score_decisions(decide(answers, thresholds, metrics), /*absent_too=*/true,
                  metrics);
  metrics.ece = expected_calibration_error(reliability(answers));
  score_rankings(ClassDecider(answers, Activation::kSigmoid, /*temperature=*/1),
                 metrics);
  return metrics;
}

}  // namespace torchclassify
