// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/shufflenet_v2.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kStem = 24;                 // channels
constexpr std::array<int, 3> kBlocks = {4, 8, 4};  // of each stage
constexpr std::int64_t kGroups = 2;                // that are shuffled

// Takes turns between the halves of the channels: 0 1 2 3 become 0 2 1 3.
torch::Tensor shuffle(const torch::Tensor& x) {
  return x
      .reshape({x.size(0), kGroups, x.size(1) / kGroups, x.size(2), x.size(3)})
      .transpose(1, 2)
      .reshape(x.sizes());
}

torch::nn::Conv2d depthwise(std::int64_t width, std::int64_t stride) {
  return convolution(
      {.in = width, .out = width, .stride = stride, .groups = width});
}

torch::nn::Conv2d pointwise(std::int64_t in, std::int64_t out) {
  return convolution({.in = in, .out = out, .kernel = 1});
}

// Layers are pushed one by one, never as arguments of one call, whose order the
// compiler chooses: the same seed gives torchvision's initial weights.

// [N, in, h, w] to [N, out, h / 2, w / 2]
torch::nn::Sequential downsampling_branch(std::int64_t in, std::int64_t out) {
  torch::nn::Sequential layers;
  layers->push_back(depthwise(in, /*stride=*/2));
  layers->push_back(BatchNorm2d(in));
  layers->push_back(pointwise(in, out));
  layers->push_back(BatchNorm2d(out));
  layers->push_back(Activation(Nonlinearity::kRelu));
  return layers;
}

// [N, in, h, w] to [N, out, h / stride, w / stride]
torch::nn::Sequential main_branch(std::int64_t in, std::int64_t out,
                                  std::int64_t stride) {
  torch::nn::Sequential layers;
  layers->push_back(pointwise(in, out));
  layers->push_back(BatchNorm2d(out));
  layers->push_back(Activation(Nonlinearity::kRelu));
  layers->push_back(depthwise(out, stride));
  layers->push_back(BatchNorm2d(out));
  layers->push_back(pointwise(out, out));
  layers->push_back(BatchNorm2d(out));
  layers->push_back(Activation(Nonlinearity::kRelu));
  return layers;
}

// The first of a stage: halves height and width.
class DownsamplingBlockImpl : public torch::nn::Module {
 public:
  DownsamplingBlockImpl(std::int64_t in, std::int64_t out)
      : branch1_(register_module("branch1", downsampling_branch(in, out / 2))),
        branch2_(register_module("branch2",
                                 main_branch(in, out / 2, /*stride=*/2))) {}

  // [N, in, h, w] to [N, out, h / 2, w / 2]
  torch::Tensor forward(torch::Tensor x) {
    return shuffle(
        torch::cat({branch1_->forward(x), branch2_->forward(x)}, /*dim=*/1));
  }

 private:
  torch::nn::Sequential branch1_;
  torch::nn::Sequential branch2_;
};
TORCH_MODULE(DownsamplingBlock);

// The others: one half of the channels passes by.
class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(std::int64_t width)
      : branch2_(register_module(
            "branch2", main_branch(width / 2, width / 2, /*stride=*/1))) {}

  // [N, width, h, w] to the same
  torch::Tensor forward(torch::Tensor x) {
    const auto halves = x.chunk(2, /*dim=*/1);  // [N, width / 2, h, w] each
    return shuffle(
        torch::cat({halves[0], branch2_->forward(halves[1])}, /*dim=*/1));
  }

 private:
  torch::nn::Sequential branch2_;
};
TORCH_MODULE(Block);

torch::nn::Sequential stage(std::int64_t in, std::int64_t out, int blocks) {
  torch::nn::Sequential layers(DownsamplingBlock(in, out));
  for (int i = 1; i < blocks; ++i) layers->push_back(Block(out));
  return layers;
}

torch::nn::Sequential conv_norm_relu(const ConvShape& shape) {
  return torch::nn::Sequential(convolution(shape), BatchNorm2d(shape.out),
                               Activation(Nonlinearity::kRelu));
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
ShuffleNetV2Impl::ShuffleNetV2Impl(const ShuffleNetV2Options& options) {
  conv1_ = register_module(
      "conv1",
      conv_norm_relu({.in = options.channels, .out = kStem, .stride = 2}));
  std::int64_t in = kStem;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    stages_[i] = register_module("stage" + std::to_string(i + 2),
                                 stage(in, options.widths[i], kBlocks[i]));
    in = options.widths[i];
  }
  conv5_ = register_module(
      "conv5",
      conv_norm_relu({.in = in, .out = options.last_width, .kernel = 1}));
  fc_ = register_module("fc",
                        torch::nn::Linear(options.last_width, options.classes));
}

torch::Tensor ShuffleNetV2Impl::forward_features(torch::Tensor x) {
  x = conv1_->forward(x);  // [N, 24, h / 2, w / 2]
  x = torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2,
                        /*padding=*/1);  // [N, 24, h / 4, w / 4]
  for (auto& stage : stages_)
    x = stage->forward(x);    // in the end [N, widths[2], h / 32, w / 32]
  return conv5_->forward(x);  // [N, last_width, h / 32, w / 32]
}

torch::Tensor ShuffleNetV2Impl::forward_last(torch::Tensor pre_logits) {
  return fc_(pre_logits);  // [N, classes]
}

namespace {

template <const ShuffleNetV2Options& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name, .parameters = parameters, .macs = macs},
          .classifier = "fc",
          .stem = "conv1.0",
          .create = create<ShuffleNetV2Impl, kShape>};
}

// Table 5 of the paper (Ma et al. 2018).
constexpr ShuffleNetV2Options k0_5{.widths = {48, 96, 192}};
constexpr ShuffleNetV2Options k1_0{.widths = {116, 232, 464}};
constexpr ShuffleNetV2Options k1_5{.widths = {176, 352, 704}};
constexpr ShuffleNetV2Options k2_0{.widths = {244, 488, 976},
                                   .last_width = 2048};

}  // namespace

std::vector<ZooEntry> shufflenet_v2_zoo() {
  return {
      entry<k0_5>("shufflenet_v2_x0_5", 1366792, 40476448),
      entry<k1_0>("shufflenet_v2_x1_0", 2278604, 144907992),
      entry<k1_5>("shufflenet_v2_x1_5", 3503624, 295759392),
      entry<k2_0>("shufflenet_v2_x2_0", 7393996, 583253464),
  };
}

}  // namespace torchclassify::nn
