// SPDX-License-Identifier: LGPL-2.1-or-later
// A trained or converted module, written as a bundle.
#pragma once

#include <filesystem>
#include <vector>

#include "models/self_check.h"
#include "torchclassify/model_info.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

// Writes the module's weights with dtype kFloat32, kHalf or kBFloat16, and the
// logits that they, so rounded, give for the self-check picture (of info's
// size, or kSelfCheckWidth x kSelfCheckHeight where it has none). The module,
// which must be what info describes, is not changed. Throws Error kBadData if
// the weights hold NaN or infinity (also after rounding) or do not fit info,
// kInvalidArgument for another dtype, or as write_bundle().
void save_bundle(const std::filesystem::path& path, ModelInfo info,
                 const nn::ImageClassifierImpl& module,
                 torch::Dtype dtype = torch::kFloat32);

// The logits for the self-check picture of info's size: preprocessed by the
// reference definition, one forward pass in eval mode on the module's device.
// Leaves the modes of the module and its parts as they were.
std::vector<float> self_check_logits(nn::ImageClassifierImpl& module,
                                     const ModelInfo& info);

}  // namespace torchclassify
