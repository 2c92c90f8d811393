// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights at the start of a training.
#pragma once

#include <filesystem>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

// Copies a bundle's weights into the module. The last layer, whose first size
// is the bundle's class count, stays fresh where the module has another count.
// Throws Error as open_bundle(), and kBadData for any other difference.
void copy_matching_weights(nn::ImageClassifierImpl& module,
                           const std::filesystem::path& bundle);

// Lays the weights of convolutions out with the channels last.
void make_channels_last(nn::ImageClassifierImpl& module);

}  // namespace torchclassify
