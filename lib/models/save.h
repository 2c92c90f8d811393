// SPDX-License-Identifier: LGPL-2.1-or-later
// A trained or converted module, written as a bundle.
#pragma once

#include <filesystem>

#include "torchclassify/model_info.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

// Runs the self-check picture through the module (in eval mode, then restored),
// records its logits in the file, and writes weights of dtype kFloat32, kHalf
// or kBFloat16. Throws Error kBadData if the weights hold NaN or Inf, or as
// write_bundle().
void save_bundle(const std::filesystem::path& path, ModelInfo info,
                 nn::ImageClassifierImpl& module,
                 torch::Dtype dtype = torch::kFloat32);

// The self-check picture's logits: preprocessed by the reference definition,
// one forward pass in eval mode.
std::vector<float> self_check_logits(nn::ImageClassifierImpl& module,
                                     const ModelInfo& info);

}  // namespace torchclassify
