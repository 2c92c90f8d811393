// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights that come from the pictures, before the first step.
#pragma once

#include "torchclassify/nn/image_classifier.h"
#include "training/batch_source.h"

namespace torchclassify {

// The first pictures' statistics become weights where the network wants that.
void start_from_pictures(nn::ImageClassifierImpl& module, BatchSource& source);

}  // namespace torchclassify
