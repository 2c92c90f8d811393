// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/layer_groups.h"

#include <algorithm>

#include <torch/torch.h>

#include "models/new_head.h"
#include "models/zoo.h"
#include "torchclassify/error.h"
#include "torchclassify/nn/vision_transformer.h"

namespace torchclassify {
namespace {

bool contains(const std::string& layer, const std::string& name) {
  return name == layer || name.starts_with(layer + ".");
}

bool is_leaf(const torch::nn::Module& module) {
  return module.children().empty();
}

// A chain of blocks, and not one of convolution, norm and nonlinearity.
bool holds_blocks(const torch::nn::Module& module) {
  if (module.as<torch::nn::SequentialImpl>() == nullptr)
    return module.as<nn::TransformerEncoderImpl>() != nullptr;
  return std::ranges::any_of(module.children(), [](const auto& child) {
    return !is_leaf(*child) && !child->parameters().empty();
  });
}

// Norms and the like belong to the layer before them.
bool begins_group(const torch::nn::Module& module) {
  return std::ranges::any_of(
      module.parameters(),
      [](const torch::Tensor& parameter) { return parameter.dim() > 1; });
}

// Walks a network from the input on.
class Walk {
 public:
  explicit Walk(std::string classifier) : classifier_(std::move(classifier)) {}

  // prefix: the module's name and a dot, or nothing.
  void visit_parts(const torch::nn::Module& module, const std::string& prefix) {
    for (const auto& own : module.named_parameters(/*recurse=*/false))
      stem_.push_back(prefix + own.key());
    for (const auto& child : module.named_children()) {
      const std::string name = prefix + child.key();
      const auto& part = *child.value();
      const bool chain =
          part.as<torch::nn::SequentialImpl>() != nullptr && prefix.empty();
      if (is_head(name))
        head_.push_back(name);
      else if (chain || holds_blocks(part))
        visit_parts(part, name + ".");
      else if (!part.parameters().empty())
        add(name, begins_group(part));
    }
  }

  LayerGroups groups() {
    groups_.front().insert(groups_.front().end(), stem_.begin(), stem_.end());
    groups_.push_back(head_);
    return std::move(groups_);
  }

 private:
  bool is_head(const std::string& name) const {
    return name == classifier_ || is_auxiliary_head(name);
  }

  void add(const std::string& name, bool begins) {
    if (begins || groups_.empty())
      groups_.emplace_back();
    groups_.back().push_back(name);
  }

  const std::string classifier_;
  std::vector<std::string> stem_;  // parameters outside of layers: positions
  LayerGroups groups_;
  std::vector<std::string> head_;
};

}  // namespace

LayerGroups layer_groups(const std::string& architecture,
                         const nn::ImageClassifierImpl& module) {
  Walk walk(nn::zoo_entry(architecture).classifier);
  walk.visit_parts(module, "");
  return walk.groups();
}

std::size_t layer_group_of(const std::string& parameter,
                           const LayerGroups& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const auto& layer : groups[i]) {
      if (contains(layer, parameter))
        return i;
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              "expected a parameter of the network, got \"" + parameter + "\"");
}

}  // namespace torchclassify
