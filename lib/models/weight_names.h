// SPDX-License-Identifier: LGPL-2.1-or-later
// How other libraries name the same weights.
#pragma once

#include <string>

#include "models/state_dict.h"

namespace torchclassify {

enum class Naming {
  kTorchvision,     // today's names, or names that nobody here knows
  kOldTorchvision,  // before 0.4 (DenseNet), before 0.13 (ViT's MLP)
  kTimm,
  kTransformers,  // Hugging Face's
};

// "torchvision", "torchvision (old)", "timm", "transformers".
const char* naming_name(Naming naming);

struct RenamedWeights {
  NamedTensors tensors;  // by torchvision's names and in its shapes
  Naming naming = Naming::kTorchvision;  // what they had before
};

// Recognises the naming by the names and shapes alone and gives every tensor
// its torchvision name; what is named as nowhere stays as it is, for the strict
// comparison to complain about. The result computes what the library's own
// model does in evaluation, to rounding; transformers' ConvNeXt and ViT, which
// add less to variances than torchvision (config.json's layer_norm_eps), to
// about 3e-6 of the largest logit.
//
// Copies only where torchvision joins what others keep apart (query, key and
// value), where a linear layer's weights are not contiguous, and where batch
// normalisation adds something else to the variance than torchvision's does:
// the difference goes into its weight (timm's MobileNet 3, EfficientNet B5 to
// B7 and EfficientNet 2).
//
// origin: the file's path, for errors, and for what names and shapes do not
// tell: the path itself and the config.json beside the file.
//
// Throws Error kUnsupported for weights that no torchvision module computes
// alike, with the reason: TensorFlow's padding (timm's tf_*, known by the path
// or the config alone), deep stems, distillation tokens and so on; kBadData
// where two tensors would have one name.
RenamedWeights torchvision_names(NamedTensors tensors,
                                 const std::string& origin);

}  // namespace torchclassify
