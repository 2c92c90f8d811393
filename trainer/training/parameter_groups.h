// SPDX-License-Identifier: LGPL-2.1-or-later
// Which parameters learn how fast, and decay how much.
#pragma once

#include <string>
#include <vector>

#include <torch/nn/module.h>

#include "models/layer_groups.h"
#include "torchclassify/train/train.h"

namespace torchclassify {

struct ParameterGroup {
  std::vector<std::string> names;
  std::vector<torch::Tensor> parameters;  // as many as names
  double rate = 1;                        // times the schedule's learning rate
  double weight_decay = 0;
};

// All parameters that are not part of a fixed transform (requires_grad), those
// of the same rate and decay together. As torchvision's set_weight_decay():
// biases by bias_weight_decay, if given; else those of normalisation layers by
// norm_weight_decay, if given; else by weight_decay.
std::vector<ParameterGroup> parameter_groups(const torch::nn::Module& module,
                                             const LayerGroups& layers,
                                             const OptimiserOptions& options);

}  // namespace torchclassify
