// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/densenet.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

struct LayerShape {
  std::int64_t in = 0;        // channels
  std::int64_t squeezed = 0;  // channels between the two convolutions
  std::int64_t growth = 0;    // channels
  double dropout = 0;
};

class DenseLayerImpl : public torch::nn::Module {
 public:
  explicit DenseLayerImpl(const LayerShape& shape)
      : dropout_(shape.dropout),
        norm1_(register_module("norm1", BatchNorm2d(shape.in))),
        conv1_(register_module(
            "conv1",
            convolution({.in = shape.in, .out = shape.squeezed, .kernel = 1}))),
        norm2_(register_module("norm2", BatchNorm2d(shape.squeezed))),
        conv2_(register_module("conv2", convolution({.in = shape.squeezed,
                                                     .out = shape.growth}))) {}

  // [N, in, h, w] to [N, growth, h, w]
  torch::Tensor forward(torch::Tensor x) {
    x = conv1_(norm1_(x).relu_());  // [N, squeezed, h, w]
    x = conv2_(norm2_(x).relu_());
    return torch::dropout(x, dropout_, is_training());
  }

 private:
  const double dropout_;
  BatchNorm2d norm1_;
  torch::nn::Conv2d conv1_;
  BatchNorm2d norm2_;
  torch::nn::Conv2d conv2_;
};
TORCH_MODULE(DenseLayer);

// Each layer sees what the block was given and what all layers before added.
class DenseBlockImpl : public torch::nn::Module {
 public:
  DenseBlockImpl(int layers, LayerShape shape) {
    for (int i = 1; i <= layers; ++i) {
      layers_.push_back(
          register_module("denselayer" + std::to_string(i), DenseLayer(shape)));
      shape.in += shape.growth;
    }
  }

  // [N, in, h, w] to [N, in + layers * growth, h, w]
  torch::Tensor forward(torch::Tensor x) {
    for (auto& layer : layers_) x = torch::cat({x, layer(x)}, /*dim=*/1);
    return x;
  }

 private:
  std::vector<DenseLayer> layers_;
};
TORCH_MODULE(DenseBlock);

// [N, in, h, w] to [N, in / 2, h / 2, w / 2]
NestedSequential transition(std::int64_t in) {
  NestedSequential layers;
  layers->push_back("norm", BatchNorm2d(in));
  layers->push_back("relu", Activation(Nonlinearity::kRelu));
  layers->push_back("conv",
                    convolution({.in = in, .out = in / 2, .kernel = 1}));
  layers->push_back(
      "pool", torch::nn::AvgPool2d(torch::nn::AvgPool2dOptions(2).stride(2)));
  return layers;
}

void push_stem(torch::nn::Sequential& layers, const DenseNetOptions& options) {
  layers->push_back("conv0", convolution({.in = options.channels,
                                          .out = options.stem,
                                          .kernel = 7,
                                          .stride = 2}));
  layers->push_back("norm0", BatchNorm2d(options.stem));
  layers->push_back("relu0", Activation(Nonlinearity::kRelu));
  layers->push_back("pool0",
                    torch::nn::MaxPool2d(
                        torch::nn::MaxPool2dOptions(3).stride(2).padding(1)));
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
DenseNetImpl::DenseNetImpl(const DenseNetOptions& options) {
  push_stem(features_, options);
  LayerShape shape{.in = options.stem,
                   .squeezed = options.bottleneck * options.growth,
                   .growth = options.growth,
                   .dropout = options.dropout};
  for (std::size_t i = 0; i < options.layers.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    features_->push_back("denseblock" + number,
                         DenseBlock(options.layers[i], shape));
    shape.in += options.layers[i] * options.growth;
    if (i + 1 == options.layers.size())
      break;
    features_->push_back("transition" + number, transition(shape.in));
    shape.in /= 2;
  }
  features_->push_back("norm5", BatchNorm2d(shape.in));
  register_module("features", features_);
  classifier_ = register_module("classifier",
                                torch::nn::Linear(shape.in, options.classes));

  initialize_convolutions(*this, torch::kFanIn);
  torch::nn::init::zeros_(classifier_->bias);
}

torch::Tensor DenseNetImpl::forward_features(torch::Tensor x) {
  return features_->forward(x).relu_();  // [N, features, h / 32, w / 32]
}

torch::Tensor DenseNetImpl::forward_last(torch::Tensor pre_logits) {
  return classifier_(pre_logits);  // [N, classes]
}

namespace {

template <const DenseNetOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .min_input_size = 29,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "classifier",
          .stem = "features.conv0",
          .create = create<DenseNetImpl, kShape>,
          .dropout = true};
}

// Table 1 of the paper (Huang et al. 2016).
constexpr DenseNetOptions k121{.layers = {6, 12, 24, 16}};
constexpr DenseNetOptions k161{
    .layers = {6, 12, 36, 24}, .growth = 48, .stem = 96};
constexpr DenseNetOptions k169{.layers = {6, 12, 32, 32}};
constexpr DenseNetOptions k201{.layers = {6, 12, 48, 32}};

}  // namespace

std::vector<ZooEntry> densenet_zoo() {
  return {
      entry<k121>("densenet121", 7978856, 2834161664),
      entry<k161>("densenet161", 28681000, 7727907072),
      entry<k169>("densenet169", 14149480, 3359843328),
      entry<k201>("densenet201", 20013928, 4291365888),
  };
}

}  // namespace torchclassify::nn
