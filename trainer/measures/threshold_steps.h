// SPDX-License-Identifier: LGPL-2.1-or-later
// What curves.h computes, for those who want several of it: sorted only once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "torchclassify/train/curves.h"

namespace torchclassify {

// What is predicted when everything from threshold on is.
struct ThresholdStep {
  double threshold;
  std::int64_t hits;          // of truth 1
  std::int64_t false_alarms;  // of truth 0
};
using ThresholdSteps = std::vector<ThresholdStep>;

// One step per distinct score, the largest first. truth and scores: as for the
// functions of curves.h. Throws Error kInvalidArgument.
ThresholdSteps threshold_steps(std::span<const std::uint8_t> truth,
                               std::span<const double> scores);

// As the functions of the same names there.
PrecisionRecallCurve precision_recall_curve(const ThresholdSteps& steps);
RocCurve roc_curve(const ThresholdSteps& steps);
double average_precision(const ThresholdSteps& steps);
double roc_auc(const ThresholdSteps& steps);

}  // namespace torchclassify
