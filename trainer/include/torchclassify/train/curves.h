// SPDX-License-Identifier: LGPL-2.1-or-later
// One class against the rest at every threshold, as scikit-learn's curves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace torchclassify {

// As sklearn.metrics.precision_recall_curve: ascending thresholds; the last
// point (precision 1, recall 0) has none.
struct PrecisionRecallCurve {
  std::vector<double> precision, recall;
  std::vector<double> thresholds;  // one fewer
};

// As sklearn.metrics.roc_curve(drop_intermediate=True): descending thresholds,
// the first infinite.
struct RocCurve {
  std::vector<double> false_positive_rate, true_positive_rate, thresholds;
};

// truth: 0 or 1 per score, as many as scores, which are finite. Throw Error
// kInvalidArgument.
PrecisionRecallCurve precision_recall_curve(std::span<const std::uint8_t> truth,
                                            std::span<const double> scores);
RocCurve roc_curve(std::span<const std::uint8_t> truth,
                   std::span<const double> scores);

// As average_precision_score and roc_auc_score; NaN where one of the two
// classes is absent (average precision: where no truth is 1).
double average_precision(std::span<const std::uint8_t> truth,
                         std::span<const double> scores);
double roc_auc(std::span<const std::uint8_t> truth,
               std::span<const double> scores);

// The threshold with the largest F1 (a score at it counts as predicted); of
// equal ones the largest. 0.5 where no truth is 1.
double best_f1_threshold(std::span<const std::uint8_t> truth,
                         std::span<const double> scores);

}  // namespace torchclassify
