// SPDX-License-Identifier: LGPL-2.1-or-later
// The registry's table: what the library knows of each architecture.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/nn/registry.h"

namespace torchclassify::nn {

struct ZooEntry {
  Architecture facts;
  // The last layer: NAME.weight has a row per class.
  std::string classifier;
  // The first layer: NAME.weight is [_, channels, _, _].
  std::string stem;
  // Makes one from checked options (sizes filled in).
  std::shared_ptr<ImageClassifierImpl> (*create)(const ModelOptions& options);
  // Whether weights have shapes that depend on the input's size.
  bool fixed_size = false;
  // Whether the architecture has dropout, and stochastic depth, to be set.
  bool dropout = false;
  bool stochastic_depth = false;
  // Which names ModelOptions::extra may have.
  std::vector<std::string> extra = {};
  // Where weights depend on the input's size: the side, in pixels, of the
  // square that these are for; 0 if they are for none.
  std::int64_t (*input_size_of)(
      const std::map<std::string, torch::Tensor>& tensors) = nullptr;
};

// In the order of their names.
const std::vector<ZooEntry>& zoo();

// Throws Error kNotFound; the message lists near names.
const ZooEntry& zoo_entry(const std::string& name);

// A family's options with what is asked of every model: its numbers of classes
// and channels, and those probabilities that the family has.
template <typename Options>
Options with_model_options(Options all, const ModelOptions& options) {
  all.classes = options.classes;
  all.channels = options.channels;
  if constexpr (requires { all.dropout; })
    all.dropout = options.dropout.value_or(all.dropout);
  if constexpr (requires { all.stochastic_depth; })
    all.stochastic_depth =
        options.stochastic_depth.value_or(all.stochastic_depth);
  return all;
}

// ZooEntry::create for a model whose options are otherwise kShape.
template <typename Model, const auto& kShape>
std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  return std::make_shared<Model>(with_model_options(kShape, options));
}

// "224x192", for messages.
std::string size_text(std::int64_t width, std::int64_t height);

// Each family's part, in its own file.
std::vector<ZooEntry> airbench_zoo();
std::vector<ZooEntry> alexnet_zoo();
std::vector<ZooEntry> cifar_resnet_zoo();
std::vector<ZooEntry> convnext_zoo();
std::vector<ZooEntry> densenet_zoo();
std::vector<ZooEntry> efficientnet_zoo();
std::vector<ZooEntry> googlenet_zoo();
std::vector<ZooEntry> inception_zoo();
std::vector<ZooEntry> maxvit_zoo();
std::vector<ZooEntry> mnasnet_zoo();
std::vector<ZooEntry> mobilenet_v2_zoo();
std::vector<ZooEntry> mobilenet_v3_zoo();
std::vector<ZooEntry> regnet_zoo();
std::vector<ZooEntry> resnet_zoo();
std::vector<ZooEntry> shufflenet_v2_zoo();
std::vector<ZooEntry> simple_cnn_zoo();
std::vector<ZooEntry> squeezenet_zoo();
std::vector<ZooEntry> swin_transformer_zoo();
std::vector<ZooEntry> vgg_zoo();
std::vector<ZooEntry> vision_transformer_zoo();

}  // namespace torchclassify::nn
