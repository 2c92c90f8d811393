// SPDX-License-Identifier: LGPL-2.1-or-later
// Weights at the start of a training.
#pragma once

#include <filesystem>

#include "torchclassify/model_info.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

// Loads the weights of a bundle, or of any file that WeightsFile reads, with
// torchvision's names or others', into the module that info describes. The last
// layer stays fresh where the file's is for another number of classes. Throws
// Error as WeightsFile, torchvision_names() and load_state_dict() do.
void start_from_weights(nn::ImageClassifierImpl& module, const ModelInfo& info,
                        const std::filesystem::path& path);

// Lays the weights of convolutions out with the channels last.
void make_channels_last(nn::ImageClassifierImpl& module);

}  // namespace torchclassify
