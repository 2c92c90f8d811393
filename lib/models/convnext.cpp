// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/convnext.h"

#include <array>
#include <numeric>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr double kEps = 1e-6;  // of the layer norms

struct BlockShape {
  std::int64_t width = 0;  // channels
  double layer_scale = 1;
  double stochastic_depth = 0;  // probability
};

torch::nn::Functional permute(std::array<std::int64_t, 4> order) {
  return torch::nn::Functional(
      [order](torch::Tensor x) { return x.permute(order); });
}

// The depthwise convolution sees channels first, the rest channels last.
torch::nn::Sequential residual_branch(std::int64_t width) {
  constexpr std::int64_t kExpansion = 4;
  return torch::nn::Sequential(
      convolution({.in = width,
                   .out = width,
                   .kernel = 7,
                   .groups = width,
                   .bias = true}),
      permute({0, 2, 3, 1}),
      torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(kEps)),
      torch::nn::Linear(width, kExpansion * width), torch::nn::GELU(),
      torch::nn::Linear(kExpansion * width, width), permute({0, 3, 1, 2}));
}

class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(const BlockShape& shape)
      : block_(register_module("block", residual_branch(shape.width))),
        layer_scale_(register_parameter(
            "layer_scale",
            torch::full({shape.width, 1, 1}, shape.layer_scale))),
        stochastic_depth_(register_module(
            "stochastic_depth", StochasticDepth(shape.stochastic_depth))) {}

  // [N, width, h, w] to the same
  torch::Tensor forward(torch::Tensor x) {
    return stochastic_depth_(layer_scale_ * block_->forward(x)).add_(x);
  }

 private:
  torch::nn::Sequential block_;
  torch::Tensor layer_scale_;
  StochasticDepth stochastic_depth_;
};
TORCH_MODULE(Block);

// Every size x size square becomes one pixel.
torch::nn::Conv2d patches(std::int64_t in, std::int64_t out,
                          std::int64_t size) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, size).stride(size));
}

NestedSequential stem(std::int64_t channels, std::int64_t width) {
  NestedSequential layers;
  layers->push_back(patches(channels, width, /*size=*/4));
  layers->push_back(LayerNorm2d(width, kEps));
  return layers;
}

NestedSequential downsampling(std::int64_t in, std::int64_t out) {
  NestedSequential layers;
  layers->push_back(LayerNorm2d(in, kEps));
  layers->push_back(patches(in, out, /*size=*/2));
  return layers;
}

void initialize_weights(torch::nn::Module& module) {
  const auto initialize = [](torch::Tensor weight, torch::Tensor bias) {
    truncated_normal_(weight, {.std = 0.02});
    torch::nn::init::zeros_(bias);
  };
  for (const auto& part : module.modules(/*include_self=*/false)) {
    if (const auto* conv = part->as<torch::nn::Conv2d>())
      initialize(conv->weight, conv->bias);
    if (const auto* linear = part->as<torch::nn::Linear>())
      initialize(linear->weight, linear->bias);
  }
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
ConvNeXtImpl::ConvNeXtImpl(const ConvNeXtOptions& options) {
  const int last_block =
      std::accumulate(options.blocks.begin(), options.blocks.end(), -1);
  BlockShape shape{.width = options.width, .layer_scale = options.layer_scale};
  int block = 0;
  features_->push_back(stem(options.channels, shape.width));
  for (std::size_t i = 0; i < options.blocks.size(); ++i) {
    if (i > 0) {
      features_->push_back(downsampling(shape.width, 2 * shape.width));
      shape.width *= 2;
    }
    NestedSequential stage;
    for (int j = 0; j < options.blocks[i]; ++j) {
      shape.stochastic_depth = options.stochastic_depth * block++ / last_block;
      stage->push_back(Block(shape));
    }
    features_->push_back(stage);
  }
  register_module("features", features_);

  classifier_->push_back(LayerNorm2d(shape.width, kEps));
  classifier_->push_back(torch::nn::Flatten());
  classifier_->push_back(torch::nn::Linear(shape.width, options.classes));
  register_module("classifier", classifier_);

  initialize_weights(*this);
}

torch::Tensor ConvNeXtImpl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, 8 width, h / 32, w / 32]
}

torch::Tensor ConvNeXtImpl::forward_pool(torch::Tensor features) {
  const auto x =
      torch::adaptive_avg_pool2d(features, {1, 1});  // [N, 8 width, 1, 1]
  return all_but_last(classifier_, x);               // [N, 8 width]
}

torch::Tensor ConvNeXtImpl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

template <const ConvNeXtOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .min_input_size = 32,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "classifier.2",
          .stem = "features.0.0",
          .create = create<ConvNeXtImpl, kShape>,
          .stochastic_depth = true};
}

constexpr std::array kDeep = {3, 3, 27, 3};

constexpr ConvNeXtOptions kTiny;
constexpr ConvNeXtOptions kSmall{.blocks = kDeep, .stochastic_depth = 0.4};
constexpr ConvNeXtOptions kBase{
    .blocks = kDeep, .width = 128, .stochastic_depth = 0.5};
constexpr ConvNeXtOptions kLarge{
    .blocks = kDeep, .width = 192, .stochastic_depth = 0.5};

}  // namespace

std::vector<ZooEntry> convnext_zoo() {
  return {
      entry<kTiny>("convnext_tiny", 28589128, 4455531264),
      entry<kSmall>("convnext_small", 50223688, 8683712256),
      entry<kBase>("convnext_base", 88591464, 15354729472),
      entry<kLarge>("convnext_large", 197767336, 34361433600),
  };
}

}  // namespace torchclassify::nn
