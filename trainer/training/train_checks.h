// SPDX-License-Identifier: LGPL-2.1-or-later
// What train() refuses before it starts.
#pragma once

#include "torchclassify/train/train.h"

namespace torchclassify {

// As train() documents.
void check_train_options(const TrainOptions& options);
void check_train_sets(const Dataset& training, const Dataset* validation);

}  // namespace torchclassify
