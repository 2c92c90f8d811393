// SPDX-License-Identifier: LGPL-2.1-or-later
// The losses of a learning-rate range test, one after the other.
#pragma once

#include "torchclassify/train/lr_find.h"

namespace torchclassify {

class LearningRateRecorder {
 public:
  // False: the loss has got out of hand, that was the last one. A loss that is
  // not finite is not recorded.
  bool add(double learning_rate, double loss);

  const LearningRateCurve& curve() const { return curve_; }
  // With its suggestions.
  LearningRateCurve finish();

 private:
  LearningRateCurve curve_;
  double average_ = 0;  // biased towards 0, the more the fewer points
  double least_ = 0;    // of the smoothed losses
};

}  // namespace torchclassify
