// SPDX-License-Identifier: LGPL-2.1-or-later
// How much a picture of each class counts in the loss.
#pragma once

#include <cstdint>
#include <vector>

#include "torchclassify/train/train.h"

namespace torchclassify {

// Pictures of each class; of multi-label sets, labels.
std::vector<std::int64_t> class_counts(const Dataset& dataset);

// One per class; empty for ClassWeights::kNone. Their mean over the pictures
// is 1 (balanced: N / (classes * count), as scikit-learn; effective: (1 - beta)
// / (1 - beta^count), normalised to a sum of classes as the paper does).
// Classes without pictures get 0. Throws Error kInvalidArgument for given
// weights of another number, or that are not positive.
std::vector<double> class_weights(const LossOptions& options,
                                  const std::vector<std::int64_t>& counts);

}  // namespace torchclassify
