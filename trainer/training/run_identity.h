// SPDX-License-Identifier: LGPL-2.1-or-later
// What must be the same for a run to go on from a checkpoint.
#pragma once

#include <string>

#include "torchclassify/train/train.h"

namespace torchclassify {

// Readable, a line: the model, what its optimiser keeps, the seed, the batches,
// and a hash of the pictures' names and labels.
std::string run_identity(const Dataset& training, const TrainOptions& options,
                         int processes);

}  // namespace torchclassify
