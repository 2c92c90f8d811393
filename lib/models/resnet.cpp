// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/resnet.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

struct BlockShape {
  std::int64_t in = 0;      // channels
  std::int64_t planes = 0;  // channels of the 3x3 convolutions
  std::int64_t out = 0;     // channels
  std::int64_t stride = 1;
  std::int64_t groups = 1;  // of the 3x3 convolution of a bottleneck
};

ConvNormActivation make_downsample(const BlockShape& shape) {
  if (shape.stride == 1 && shape.in == shape.out)
    return nullptr;
  return ConvNormActivation(ConvShape{.in = shape.in,
                                      .out = shape.out,
                                      .kernel = 1,
                                      .stride = shape.stride},
                            Nonlinearity::kNone);
}

// In the blocks, as in torchvision, the downsampling is made first and
// registered last: the same seed gives the same initial weights.
class BasicBlockImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kExpansion = 1;

  explicit BasicBlockImpl(const BlockShape& shape)
      : downsample_(make_downsample(shape)),
        conv1_(convolution(
            {.in = shape.in, .out = shape.planes, .stride = shape.stride})),
        bn1_(shape.planes),
        conv2_(convolution({.in = shape.planes, .out = shape.out})),
        bn2_(shape.out) {
    register_module("conv1", conv1_);
    register_module("bn1", bn1_);
    register_module("conv2", conv2_);
    register_module("bn2", bn2_);
    if (downsample_)
      register_module("downsample", downsample_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = bn1_(conv1_(x)).relu_();
    y = bn2_(conv2_(y));
    return y.add_(downsample_ ? downsample_->forward(x) : x).relu_();
  }

 private:
  ConvNormActivation downsample_;
  torch::nn::Conv2d conv1_;
  BatchNorm2d bn1_;
  torch::nn::Conv2d conv2_;
  BatchNorm2d bn2_;
};
TORCH_MODULE(BasicBlock);

class BottleneckImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kExpansion = 4;

  explicit BottleneckImpl(const BlockShape& shape)
      : downsample_(make_downsample(shape)),
        conv1_(convolution({.in = shape.in, .out = shape.planes, .kernel = 1})),
        bn1_(shape.planes),
        conv2_(convolution({.in = shape.planes,
                            .out = shape.planes,
                            .stride = shape.stride,
                            .groups = shape.groups})),
        bn2_(shape.planes),
        conv3_(
            convolution({.in = shape.planes, .out = shape.out, .kernel = 1})),
        bn3_(shape.out) {
    register_module("conv1", conv1_);
    register_module("bn1", bn1_);
    register_module("conv2", conv2_);
    register_module("bn2", bn2_);
    register_module("conv3", conv3_);
    register_module("bn3", bn3_);
    if (downsample_)
      register_module("downsample", downsample_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = bn1_(conv1_(x)).relu_();
    y = bn2_(conv2_(y)).relu_();
    y = bn3_(conv3_(y));
    return y.add_(downsample_ ? downsample_->forward(x) : x).relu_();
  }

 private:
  ConvNormActivation downsample_;
  torch::nn::Conv2d conv1_;
  BatchNorm2d bn1_;
  torch::nn::Conv2d conv2_;
  BatchNorm2d bn2_;
  torch::nn::Conv2d conv3_;
  BatchNorm2d bn3_;
};
TORCH_MODULE(Bottleneck);

template <typename Block>
torch::nn::Sequential make_stage(int blocks, BlockShape shape) {
  torch::nn::Sequential stage;
  for (int i = 0; i < blocks; ++i) {
    stage->push_back(Block(shape));
    shape.in = shape.out;
    shape.stride = 1;
  }
  return stage;
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
ResNetImpl::ResNetImpl(const ResNetOptions& options) {
  constexpr std::int64_t kStem = 64;
  constexpr std::int64_t kBaseWidth = 64;
  conv1_ = register_module(
      "conv1",
      convolution(
          {.in = options.channels, .out = kStem, .kernel = 7, .stride = 2}));
  bn1_ = register_module("bn1", BatchNorm2d(kStem));

  BlockShape shape{.in = kStem, .groups = options.groups};
  std::int64_t width = kStem;  // of the stage, before groups and expansion
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto make =
        options.bottleneck ? make_stage<Bottleneck> : make_stage<BasicBlock>;
    shape.planes = width * options.group_width / kBaseWidth * options.groups;
    shape.out = width * (options.bottleneck ? BottleneckImpl::kExpansion : 1);
    layers_[i] = register_module("layer" + std::to_string(i + 1),
                                 make(options.blocks[i], shape));
    shape.in = shape.out;
    shape.stride = 2;
    width *= 2;
  }
  fc_ = register_module("fc", torch::nn::Linear(shape.in, options.classes));
  initialize_convolutions(*this, torch::kFanOut);
}

torch::Tensor ResNetImpl::forward_features(torch::Tensor x) {
  x = bn1_(conv1_(x)).relu_();  // [N, 64, h / 2, w / 2]
  x = torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2,
                        /*padding=*/1);  // [N, 64, h / 4, w / 4]
  for (auto& layer : layers_) x = layer->forward(x);
  return x;  // [N, 512 expansion, h / 32, w / 32]
}

torch::Tensor ResNetImpl::forward_last(torch::Tensor pre_logits) {
  return fc_(pre_logits);  // [N, classes]
}

namespace {

template <const ResNetOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name, .parameters = parameters, .macs = macs},
          .classifier = "fc",
          .stem = "conv1",
          .create = create<ResNetImpl, kShape>};
}

constexpr ResNetOptions k18{.blocks = {2, 2, 2, 2}};
constexpr ResNetOptions k34{.blocks = {3, 4, 6, 3}};
constexpr ResNetOptions k50{.blocks = {3, 4, 6, 3}, .bottleneck = true};
constexpr ResNetOptions k101{.blocks = {3, 4, 23, 3}, .bottleneck = true};
constexpr ResNetOptions k152{.blocks = {3, 8, 36, 3}, .bottleneck = true};

constexpr ResNetOptions grouped(ResNetOptions options, std::int64_t groups,
                                std::int64_t width) {
  options.groups = groups;
  options.group_width = width;
  return options;
}

constexpr ResNetOptions k50x32x4 = grouped(k50, 32, 4);
constexpr ResNetOptions k101x32x8 = grouped(k101, 32, 8);
constexpr ResNetOptions k101x64x4 = grouped(k101, 64, 4);
constexpr ResNetOptions kWide50 = grouped(k50, 1, 128);
constexpr ResNetOptions kWide101 = grouped(k101, 1, 128);

}  // namespace

std::vector<ZooEntry> resnet_zoo() {
  return {
      entry<k18>("resnet18", 11689512, 1814073344),
      entry<k34>("resnet34", 21797672, 3663761408),
      entry<k50>("resnet50", 25557032, 4089184256),
      entry<k101>("resnet101", 44549160, 7801405440),
      entry<k152>("resnet152", 60192808, 11513626624),
      entry<k50x32x4>("resnext50_32x4d", 25028904, 4230479872),
      entry<k101x32x8>("resnext101_32x8d", 88791336, 16414015488),
      entry<k101x64x4>("resnext101_64x4d", 83455272, 15460270080),
      entry<kWide50>("wide_resnet50_2", 68883240, 11398021120),
      entry<kWide101>("wide_resnet101_2", 126886696, 22753050624),
  };
}

}  // namespace torchclassify::nn
