// SPDX-License-Identifier: LGPL-2.1-or-later
// How a training went, epoch by epoch.
#pragma once

#include <string>
#include <vector>

#include "torchclassify/train/metrics.h"

namespace torchclassify {

// Nothing here depends on the clock: the same run has the same history.
struct EpochRecord {
  int epoch = 0;          // from 1
  double train_loss = 0;  // mean over the epoch, as optimised
  double train_accuracy =
      0;                     // of the same (augmented) pictures, while learning
  double learning_rate = 0;  // of the last step
  bool validated = false;    // there is a validation set
  bool best = false;         // so far, by the monitored measure
  // Of the validation set; all zero without.
  double valid_loss = 0;
  double valid_accuracy = 0;
  double valid_top5_accuracy = 0;
  double valid_balanced_accuracy = 0;
  Scores valid_macro;
  double valid_ece = 0;

  // What overfitting makes grow: training minus validation accuracy.
  double accuracy_gap() const { return train_accuracy - valid_accuracy; }
};

using History = std::vector<EpochRecord>;

// history.csv, with a header line. What was not validated has empty fields.
std::string to_csv(const History& history);

}  // namespace torchclassify
