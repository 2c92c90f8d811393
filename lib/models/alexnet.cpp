// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/alexnet.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kPooled = 6;  // height and width
constexpr std::int64_t kLast = 256;  // channels
constexpr std::int64_t kHidden = 4096;

torch::nn::Conv2d stem(std::int64_t channels) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(channels, 64, 11).stride(4).padding(2));
}

torch::nn::MaxPool2d pooling() {
  return torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(3).stride(2));
}

// Layers are pushed one by one, never as arguments of one call, whose order the
// compiler chooses: the same seed gives torchvision's initial weights.
torch::nn::Sequential features(std::int64_t channels) {
  torch::nn::Sequential layers;
  const auto push = [&](const torch::nn::Conv2d& conv) {
    layers->push_back(conv);
    layers->push_back(Activation(Nonlinearity::kRelu));
  };
  push(stem(channels));
  layers->push_back(pooling());
  push(convolution({.in = 64, .out = 192, .kernel = 5, .bias = true}));
  layers->push_back(pooling());
  push(convolution({.in = 192, .out = 384, .bias = true}));
  push(convolution({.in = 384, .out = 256, .bias = true}));
  push(convolution({.in = 256, .out = kLast, .bias = true}));
  layers->push_back(pooling());
  return layers;
}

torch::nn::Sequential classifier(const AlexNetOptions& options) {
  torch::nn::Sequential layers;
  layers->push_back(torch::nn::Dropout(options.dropout));
  layers->push_back(torch::nn::Linear(kLast * kPooled * kPooled, kHidden));
  layers->push_back(Activation(Nonlinearity::kRelu));
  layers->push_back(torch::nn::Dropout(options.dropout));
  layers->push_back(torch::nn::Linear(kHidden, kHidden));
  layers->push_back(Activation(Nonlinearity::kRelu));
  layers->push_back(torch::nn::Linear(kHidden, options.classes));
  return layers;
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
AlexNetImpl::AlexNetImpl(const AlexNetOptions& options)
    : features_(register_module("features", features(options.channels))),
      classifier_(register_module("classifier", classifier(options))) {}

torch::Tensor AlexNetImpl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, 256, about h / 32, about w / 32]
}

torch::Tensor AlexNetImpl::forward_pool(torch::Tensor features) {
  const auto x = torch::adaptive_avg_pool2d(
      features, {kPooled, kPooled});  // [N, 256, 6, 6]
  return all_but_last(classifier_, x.flatten(/*start_dim=*/1));  // [N, 4096]
}

torch::Tensor AlexNetImpl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

constexpr AlexNetOptions kUsual;

ZooEntry entry() {
  return {.facts = {.name = "alexnet",
                    .min_input_size = 63,
                    .parameters = 61100840,
                    .macs = 714188480},
          .classifier = "classifier.6",
          .stem = "features.0",
          .create = create<AlexNetImpl, kUsual>,
          .dropout = true};
}

}  // namespace

std::vector<ZooEntry> alexnet_zoo() { return {entry()}; }

}  // namespace torchclassify::nn
