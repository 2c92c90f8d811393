// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/regnet.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr std::int64_t kStem = 32;

// Equations 2 to 4 of the paper (Radosavovic et al. 2020).
std::int64_t block_width(const RegNetOptions& options, int block) {
  constexpr double kMultiple = 8;
  const auto initial = static_cast<double>(options.initial_width);
  const double linear = initial + options.slope * block;
  const double power =
      std::nearbyint(std::log(linear / initial) / std::log(options.step));
  const double width = initial * std::pow(options.step, power);
  return std::lrint(width / kMultiple) * std::lrint(kMultiple);
}

struct StageShape {
  std::int64_t width = 0;        // channels
  std::int64_t group_width = 0;  // channels
  int blocks = 0;
};

std::vector<StageShape> stage_shapes(const RegNetOptions& options) {
  std::vector<StageShape> stages;
  for (int i = 0; i < options.depth; ++i) {
    const std::int64_t width = block_width(options, i);
    if (stages.empty() || stages.back().width != width)
      stages.push_back({.width = width});
    ++stages.back().blocks;
  }
  for (StageShape& stage : stages) {
    stage.group_width = std::min(options.group_width, stage.width);
    stage.width =
        make_divisible(static_cast<double>(stage.width), stage.group_width);
  }
  return stages;
}

struct BlockShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t group_width = 1;
  std::int64_t stride = 1;
  bool squeeze_excitation = false;
};

torch::nn::Sequential bottleneck(const BlockShape& shape) {
  constexpr double kSqueeze = 0.25;  // of the block's input, not of its own
  torch::nn::Sequential layers;
  layers->push_back(
      "a", ConvNormActivation(
               ConvShape{.in = shape.in, .out = shape.out, .kernel = 1},
               Nonlinearity::kRelu));
  layers->push_back("b", ConvNormActivation(
                             ConvShape{.in = shape.out,
                                       .out = shape.out,
                                       .stride = shape.stride,
                                       .groups = shape.out / shape.group_width},
                             Nonlinearity::kRelu));
  if (shape.squeeze_excitation)
    layers->push_back(
        "se",
        SqueezeExcitation(SqueezeExcitationShape{
            .channels = shape.out,
            .squeezed = std::lrint(kSqueeze * static_cast<double>(shape.in))}));
  layers->push_back(
      "c", ConvNormActivation(
               ConvShape{.in = shape.out, .out = shape.out, .kernel = 1},
               Nonlinearity::kNone));
  return layers;
}

class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(const BlockShape& shape) {
    if (shape.in != shape.out || shape.stride != 1)
      proj_ = register_module(
          "proj", ConvNormActivation(ConvShape{.in = shape.in,
                                               .out = shape.out,
                                               .kernel = 1,
                                               .stride = shape.stride},
                                     Nonlinearity::kNone));
    f_ = register_module("f", bottleneck(shape));
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = f_->forward(x);
    return y.add_(proj_ ? proj_->forward(x) : x).relu_();
  }

 private:
  ConvNormActivation proj_{nullptr};
  torch::nn::Sequential f_{nullptr};
};
TORCH_MODULE(ResidualBlock);

// stage: its number in the names, from 1.
NestedSequential make_stage(int stage, int blocks, BlockShape shape) {
  NestedSequential layers;
  for (int i = 0; i < blocks; ++i) {
    layers->push_back("block" + std::to_string(stage) + "-" + std::to_string(i),
                      ResidualBlock(shape));
    shape.in = shape.out;
    shape.stride = 1;
  }
  return layers;
}

// Unlike initialize_convolutions(), leaves the biases of the
// squeeze-excitations as they are.
void initialize_weights(torch::nn::Module& module) {
  for (const auto& part : module.modules(/*include_self=*/false)) {
    if (const auto* conv = part->as<torch::nn::Conv2d>())
      torch::nn::init::kaiming_normal_(conv->weight, /*a=*/0, torch::kFanOut,
                                       torch::kReLU);
    if (const auto* linear = part->as<torch::nn::Linear>()) {
      torch::nn::init::normal_(linear->weight, /*mean=*/0, /*std=*/0.01);
      torch::nn::init::zeros_(linear->bias);
    }
  }
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
RegNetImpl::RegNetImpl(const RegNetOptions& options) {
  stem_->push_back(
      convolution({.in = options.channels, .out = kStem, .stride = 2}));
  stem_->push_back(BatchNorm2d(kStem));
  stem_->push_back(Activation(Nonlinearity::kRelu));
  register_module("stem", stem_);

  std::int64_t in = kStem;
  int number = 0;
  for (const StageShape& stage : stage_shapes(options)) {
    ++number;
    trunk_output_->push_back(
        "block" + std::to_string(number),
        make_stage(number, stage.blocks,
                   {.in = in,
                    .out = stage.width,
                    .group_width = stage.group_width,
                    .stride = 2,
                    .squeeze_excitation = options.squeeze_excitation}));
    in = stage.width;
  }
  register_module("trunk_output", trunk_output_);
  fc_ = register_module("fc", torch::nn::Linear(in, options.classes));
  initialize_weights(*this);
}

torch::Tensor RegNetImpl::forward_features(torch::Tensor x) {
  x = stem_->forward(x);             // [N, 32, h / 2, w / 2]
  return trunk_output_->forward(x);  // [N, last width, h / 32, w / 32]
}

torch::Tensor RegNetImpl::forward_last(torch::Tensor pre_logits) {
  return fc_(pre_logits);  // [N, classes]
}

namespace {

template <const RegNetOptions& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name, .parameters = parameters, .macs = macs},
          .classifier = "fc",
          .stem = "stem.0",
          .create = create<RegNetImpl, kShape>};
}

// Depth, initial width, slope, step, group width, squeeze-excitation: of the
// paper's models.
constexpr RegNetOptions kX400Mf{22, 24, 24.48, 2.54, 16, false};
constexpr RegNetOptions kX800Mf{16, 56, 35.73, 2.28, 16, false};
constexpr RegNetOptions kX1_6Gf{18, 80, 34.01, 2.25, 24, false};
constexpr RegNetOptions kX3_2Gf{25, 88, 26.31, 2.25, 48, false};
constexpr RegNetOptions kX8Gf{23, 80, 49.56, 2.88, 120, false};
constexpr RegNetOptions kX16Gf{22, 216, 55.59, 2.1, 128, false};
constexpr RegNetOptions kX32Gf{23, 320, 69.86, 2.0, 168, false};
constexpr RegNetOptions kY400Mf{16, 48, 27.89, 2.09, 8, true};
constexpr RegNetOptions kY800Mf{14, 56, 38.84, 2.4, 16, true};
constexpr RegNetOptions kY1_6Gf{27, 48, 20.71, 2.65, 24, true};
constexpr RegNetOptions kY3_2Gf{21, 80, 42.63, 2.66, 24, true};
constexpr RegNetOptions kY8Gf{17, 192, 76.82, 2.19, 56, true};
constexpr RegNetOptions kY16Gf{18, 200, 106.23, 2.48, 112, true};
constexpr RegNetOptions kY32Gf{20, 232, 115.89, 2.53, 232, true};
constexpr RegNetOptions kY128Gf{27, 456, 160.83, 2.52, 264, true};

}  // namespace

std::vector<ZooEntry> regnet_zoo() {
  return {
      entry<kX400Mf>("regnet_x_400mf", 5495976, 413812608),
      entry<kX800Mf>("regnet_x_800mf", 7259656, 799699712),
      entry<kX1_6Gf>("regnet_x_1_6gf", 9190136, 1602849792),
      entry<kX3_2Gf>("regnet_x_3_2gf", 15296552, 3176621952),
      entry<kX8Gf>("regnet_x_8gf", 39572648, 7995132416),
      entry<kX16Gf>("regnet_x_16gf", 54278536, 15940755456),
      entry<kX32Gf>("regnet_x_32gf", 107811560, 31735929792),
      entry<kY400Mf>("regnet_y_400mf", 4344144, 401842848),
      entry<kY800Mf>("regnet_y_800mf", 6432512, 833856256),
      entry<kY1_6Gf>("regnet_y_1_6gf", 11202430, 1612076160),
      entry<kY3_2Gf>("regnet_y_3_2gf", 19436338, 3176482752),
      entry<kY8Gf>("regnet_y_8gf", 39381472, 8473070592),
      entry<kY16Gf>("regnet_y_16gf", 83590140, 15911510272),
      entry<kY32Gf>("regnet_y_32gf", 145046770, 32279552832),
      entry<kY128Gf>("regnet_y_128gf", 644812894, 127517815680),
  };
}

}  // namespace torchclassify::nn
