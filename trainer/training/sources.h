// SPDX-License-Identifier: LGPL-2.1-or-later
// The loaders' options that a training's options mean.
#pragma once

#include "torchclassify/train/loader.h"
#include "torchclassify/train/train.h"

namespace torchclassify {

// What the network gets while training: options.train_crop's size, if given.
Preprocessing training_input(const TrainOptions& options);

LoaderOptions training_loader(const TrainOptions& options, int rank, int ranks);
// Every picture once, as it is.
LoaderOptions evaluation_loader(const TrainOptions& options, int rank,
                                int ranks);

}  // namespace torchclassify
