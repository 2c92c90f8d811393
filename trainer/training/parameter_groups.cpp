// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/parameter_groups.h"

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <torch/torch.h>

#include "models/blocks.h"

namespace torchclassify {
namespace {

bool is_norm(const torch::nn::Module& module) {
  return dynamic_cast<const nn::BatchNorm2dImpl*>(&module) ||
         dynamic_cast<const torch::nn::LayerNormImpl*>(&module) ||
         dynamic_cast<const torch::nn::GroupNormImpl*>(&module) ||
         dynamic_cast<const nn::LayerNorm2dImpl*>(&module);
}

std::set<std::string> norm_parameters(const torch::nn::Module& root) {
  std::set<std::string> names;
  for (const auto& module : root.named_modules()) {
    if (!is_norm(*module.value()))
      continue;
    for (const auto& parameter :
         module.value()->named_parameters(/*recurse=*/false))
      names.insert(module.key() + "." + parameter.key());
  }
  return names;
}

}  // namespace

std::vector<ParameterGroup> parameter_groups(const torch::nn::Module& module,
                                             const LayerGroups& layers,
                                             const OptimiserOptions& options) {
  const std::set<std::string> norms = norm_parameters(module);
  std::map<std::pair<double, double>, ParameterGroup> groups;
  for (const auto& parameter : module.named_parameters()) {
    if (!parameter.value().requires_grad())
      continue;
    const std::string& name = parameter.key();
    const bool norm = norms.contains(name);
    const bool bias = name == "bias" || name.ends_with(".bias");
    double decay = options.weight_decay;
    if (bias && options.bias_weight_decay)
      decay = *options.bias_weight_decay;
    else if (norm && options.norm_weight_decay)
      decay = *options.norm_weight_decay;
    const auto from_head =
        static_cast<double>(layers.size() - 1 - layer_group_of(name, layers));
    double rate = std::pow(options.layer_decay, from_head);
    if (norm && bias) {
      rate *= options.bias_rate;
      decay /= options.bias_rate;
    }
    ParameterGroup& group = groups[{rate, decay}];
    group.rate = rate;
    group.weight_decay = decay;
    group.names.push_back(name);
    group.parameters.push_back(parameter.value());
  }
  std::vector<ParameterGroup> result;
  for (auto& [key, group] : groups) result.push_back(std::move(group));
  return result;
}

}  // namespace torchclassify
