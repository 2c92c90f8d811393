// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/new_head.h"

#include <algorithm>

#include <torch/torch.h>

#include "models/zoo.h"

namespace torchclassify {
namespace {

bool differ_in_classes(const torch::Tensor& a, const torch::Tensor& b) {
  return a.dim() == b.dim() && a.dim() > 0 && a.size(0) != b.size(0) &&
         a.sizes().slice(1) == b.sizes().slice(1);
}

}  // namespace

bool is_auxiliary_head(const std::string& name) {
  const std::string first = name.substr(0, name.find('.'));
  return first == "AuxLogits" || first == "aux1" || first == "aux2";
}

bool has_auxiliary_heads(const NamedTensors& tensors) {
  return std::ranges::any_of(
      tensors, [](const auto& each) { return is_auxiliary_head(each.first); });
}

NamedTensors with_new_head(NamedTensors tensors,
                           const nn::ImageClassifierImpl& model,
                           const std::string& architecture) {
  const std::string head = nn::zoo_entry(architecture).classifier + ".";
  const NamedTensors own = state_dict(model);
  std::erase_if(tensors, [&](const auto& each) {
    const auto& [name, tensor] = each;
    const auto mine = own.find(name);
    if (mine == own.end())
      return is_auxiliary_head(name);
    return (name.starts_with(head) || is_auxiliary_head(name)) &&
           differ_in_classes(tensor, mine->second);
  });
  for (const auto& [name, tensor] : own) {
    if (name.starts_with(head) || is_auxiliary_head(name))
      tensors.try_emplace(name, tensor);
  }
  return tensors;
}

}  // namespace torchclassify
