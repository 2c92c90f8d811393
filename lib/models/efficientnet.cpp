// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/efficientnet.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

enum class BlockKind {
  kSeparable,  // MBConv: expand, depthwise, squeeze and excite, project
  kFused,      // Fused-MBConv: one convolution expands and looks around
};
using enum BlockKind;

struct StageShape {
  BlockKind kind;
  std::int64_t expansion;
  std::int64_t kernel;
  std::int64_t stride;  // of the first block
  std::int64_t out;     // channels
  int blocks;
};

// Table 1 of the EfficientNet paper (Tan and Le 2019).
constexpr StageShape kV1[] = {
    {kSeparable, 1, 3, 1, 16, 1},  {kSeparable, 6, 3, 2, 24, 2},
    {kSeparable, 6, 5, 2, 40, 2},  {kSeparable, 6, 3, 2, 80, 3},
    {kSeparable, 6, 5, 1, 112, 3}, {kSeparable, 6, 5, 2, 192, 4},
    {kSeparable, 6, 3, 1, 320, 1},
};

// Table 4 of the EfficientNetV2 paper (Tan and Le 2021); M and L are from its
// published code.
constexpr StageShape kV2Small[] = {
    {kFused, 1, 3, 1, 24, 2},      {kFused, 4, 3, 2, 48, 4},
    {kFused, 4, 3, 2, 64, 4},      {kSeparable, 4, 3, 2, 128, 6},
    {kSeparable, 6, 3, 1, 160, 9}, {kSeparable, 6, 3, 2, 256, 15},
};
constexpr StageShape kV2Medium[] = {
    {kFused, 1, 3, 1, 24, 3},       {kFused, 4, 3, 2, 48, 5},
    {kFused, 4, 3, 2, 80, 5},       {kSeparable, 4, 3, 2, 160, 7},
    {kSeparable, 6, 3, 1, 176, 14}, {kSeparable, 6, 3, 2, 304, 18},
    {kSeparable, 6, 3, 1, 512, 5},
};
constexpr StageShape kV2Large[] = {
    {kFused, 1, 3, 1, 32, 4},       {kFused, 4, 3, 2, 64, 7},
    {kFused, 4, 3, 2, 96, 7},       {kSeparable, 4, 3, 2, 192, 10},
    {kSeparable, 6, 3, 1, 224, 19}, {kSeparable, 6, 3, 2, 384, 25},
    {kSeparable, 6, 3, 1, 640, 7},
};

struct BodyShape {
  std::int64_t stem;  // channels
  std::span<const StageShape> stages;
  std::int64_t last;  // channels; 0: four times the last stage's
};

BodyShape body_shape(EfficientNetStages stages) {
  switch (stages) {
    case EfficientNetStages::kV1:
      return {.stem = 32, .stages = kV1, .last = 0};
    case EfficientNetStages::kV2Small:
      return {.stem = 24, .stages = kV2Small, .last = 1280};
    case EfficientNetStages::kV2Medium:
      return {.stem = 24, .stages = kV2Medium, .last = 1280};
    case EfficientNetStages::kV2Large:
      return {.stem = 32, .stages = kV2Large, .last = 1280};
  }
  TORCH_CHECK(false, "stages that are none");
}

struct BlockShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t expansion = 1;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  BatchNormShape norm;
  double stochastic_depth = 0;  // probability
};

ConvNormActivation pointwise(std::int64_t in, std::int64_t out,
                             Nonlinearity nonlinearity,
                             const BatchNormShape& norm) {
  return ConvNormActivation(ConvShape{.in = in, .out = out, .kernel = 1},
                            nonlinearity, norm);
}

torch::nn::Sequential separable_block(const BlockShape& shape) {
  const std::int64_t hidden = shape.in * shape.expansion;
  torch::nn::Sequential block;
  if (hidden != shape.in)
    block->push_back(
        pointwise(shape.in, hidden, Nonlinearity::kSilu, shape.norm));
  block->push_back(ConvNormActivation(ConvShape{.in = hidden,
                                                .out = hidden,
                                                .kernel = shape.kernel,
                                                .stride = shape.stride,
                                                .groups = hidden},
                                      Nonlinearity::kSilu, shape.norm));
  block->push_back(SqueezeExcitation(SqueezeExcitationShape{
      .channels = hidden,
      .squeezed = std::max<std::int64_t>(1, shape.in / 4),
      .inner = Nonlinearity::kSilu}));
  block->push_back(
      pointwise(hidden, shape.out, Nonlinearity::kNone, shape.norm));
  return block;
}

torch::nn::Sequential fused_block(const BlockShape& shape) {
  const std::int64_t hidden = shape.in * shape.expansion;
  const bool expands = hidden != shape.in;
  torch::nn::Sequential block;
  block->push_back(
      ConvNormActivation(ConvShape{.in = shape.in,
                                   .out = expands ? hidden : shape.out,
                                   .kernel = shape.kernel,
                                   .stride = shape.stride},
                         Nonlinearity::kSilu, shape.norm));
  if (expands)
    block->push_back(
        pointwise(hidden, shape.out, Nonlinearity::kNone, shape.norm));
  return block;
}

class ResidualBlockImpl : public torch::nn::Module {
 public:
  ResidualBlockImpl(BlockKind kind, const BlockShape& shape)
      : residual_(shape.stride == 1 && shape.in == shape.out),
        block_(register_module("block", kind == kFused
                                            ? fused_block(shape)
                                            : separable_block(shape))),
        stochastic_depth_(register_module(
            "stochastic_depth", StochasticDepth(shape.stochastic_depth))) {}

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = block_->forward(x);
    return residual_ ? stochastic_depth_(y).add_(x) : y;
  }

 private:
  const bool residual_;
  torch::nn::Sequential block_;
  StochasticDepth stochastic_depth_;
};
TORCH_MODULE(ResidualBlock);

// Builds the stages, keeping what one hands to the next.
class Builder {
 public:
  Builder(const EfficientNetOptions& options, const BodyShape& body)
      : options_(options),
        norm_{.eps = options.norm_eps, .momentum = options.norm_momentum},
        width_(scaled_width(body.stem)) {
    for (const StageShape& stage : body.stages)
      all_blocks_ += scaled_blocks(stage);
  }

  ConvNormActivation stem() const {
    return ConvNormActivation(
        ConvShape{.in = options_.channels, .out = width_, .stride = 2},
        Nonlinearity::kSilu, norm_);
  }

  NestedSequential stage(const StageShape& shape) {
    NestedSequential blocks;
    const std::int64_t out = scaled_width(shape.out);
    for (int i = 0; i < scaled_blocks(shape); ++i) {
      blocks->push_back(ResidualBlock(
          shape.kind, BlockShape{.in = width_,
                                 .out = out,
                                 .expansion = shape.expansion,
                                 .kernel = shape.kernel,
                                 .stride = i == 0 ? shape.stride : 1,
                                 .norm = norm_,
                                 .stochastic_depth = next_probability()}));
      width_ = out;
    }
    return blocks;
  }

  // What the last stage's features become before they are averaged.
  ConvNormActivation last(std::int64_t out) const {
    return pointwise(width_, out, Nonlinearity::kSilu, norm_);
  }

  std::int64_t width() const { return width_; }

 private:
  std::int64_t scaled_width(std::int64_t channels) const {
    return make_divisible(static_cast<double>(channels) * options_.width, 8);
  }

  int scaled_blocks(const StageShape& stage) const {
    return static_cast<int>(std::ceil(stage.blocks * options_.depth));
  }

  double next_probability() {
    return options_.stochastic_depth * block_++ / all_blocks_;
  }

  const EfficientNetOptions& options_;
  const BatchNormShape norm_;
  std::int64_t width_;  // channels of what is built so far
  int all_blocks_ = 0;
  int block_ = 0;
};

void initialize_linear(torch::nn::Linear& linear) {
  const double range =
      1 / std::sqrt(static_cast<double>(linear->options.out_features()));
  torch::nn::init::uniform_(linear->weight, -range, range);
  torch::nn::init::zeros_(linear->bias);
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
EfficientNetImpl::EfficientNetImpl(const EfficientNetOptions& options) {
  const BodyShape body = body_shape(options.stages);
  Builder builder(options, body);
  features_->push_back(builder.stem());
  for (const StageShape& stage : body.stages)
    features_->push_back(builder.stage(stage));
  const std::int64_t last = body.last > 0 ? body.last : 4 * builder.width();
  features_->push_back(builder.last(last));
  register_module("features", features_);

  torch::nn::Linear linear(last, options.classes);
  classifier_->push_back(torch::nn::Dropout(options.dropout));
  classifier_->push_back(linear);
  register_module("classifier", classifier_);

  initialize_convolutions(*this, torch::kFanOut);
  initialize_linear(linear);
}

torch::Tensor EfficientNetImpl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, last, h / 32, w / 32]
}

torch::Tensor EfficientNetImpl::forward_pool(torch::Tensor features) {
  auto x = ImageClassifierImpl::forward_pool(std::move(features));
  return all_but_last(classifier_, std::move(x));  // [N, last]
}

torch::Tensor EfficientNetImpl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

template <const EfficientNetOptions& kShape>
ZooEntry entry(const char* name, std::int64_t input_size,
               std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name,
                    .input_size = input_size,
                    .parameters = parameters,
                    .macs = macs},
          .classifier = "classifier.1",
          .stem = "features.0.0",
          .create = create<EfficientNetImpl, kShape>,
          .dropout = true,
          .stochastic_depth = true};
}

constexpr EfficientNetOptions kB0;
constexpr EfficientNetOptions kB1{.depth = 1.1};
constexpr EfficientNetOptions kB2{.width = 1.1, .depth = 1.2, .dropout = 0.3};
constexpr EfficientNetOptions kB3{.width = 1.2, .depth = 1.4, .dropout = 0.3};
constexpr EfficientNetOptions kB4{.width = 1.4, .depth = 1.8, .dropout = 0.4};

// The published weights of these come from TensorFlow, and so do their batch
// norms.
constexpr EfficientNetOptions kB5{.width = 1.6,
                                  .depth = 2.2,
                                  .norm_eps = 1e-3,
                                  .norm_momentum = 0.01,
                                  .dropout = 0.4};
constexpr EfficientNetOptions kB6{.width = 1.8,
                                  .depth = 2.6,
                                  .norm_eps = 1e-3,
                                  .norm_momentum = 0.01,
                                  .dropout = 0.5};
constexpr EfficientNetOptions kB7{.width = 2.0,
                                  .depth = 3.1,
                                  .norm_eps = 1e-3,
                                  .norm_momentum = 0.01,
                                  .dropout = 0.5};

constexpr EfficientNetOptions kV2S{
    .stages = EfficientNetStages::kV2Small, .norm_eps = 1e-3, .dropout = 0.2};
constexpr EfficientNetOptions kV2M{
    .stages = EfficientNetStages::kV2Medium, .norm_eps = 1e-3, .dropout = 0.3};
constexpr EfficientNetOptions kV2L{
    .stages = EfficientNetStages::kV2Large, .norm_eps = 1e-3, .dropout = 0.4};

}  // namespace

std::vector<ZooEntry> efficientnet_zoo() {
  return {
      entry<kB0>("efficientnet_b0", 224, 5288548, 385814752),
      entry<kB1>("efficientnet_b1", 240, 7794184, 686802832),
      entry<kB2>("efficientnet_b2", 288, 9109994, 1087529456),
      entry<kB3>("efficientnet_b3", 300, 12233232, 1827141392),
      entry<kB4>("efficientnet_b4", 380, 19341616, 4393771024),
      entry<kB5>("efficientnet_b5", 456, 30389784, 10266384752),
      entry<kB6>("efficientnet_b6", 528, 43040704, 19067593536),
      entry<kB7>("efficientnet_b7", 600, 66347960, 37745884192),
      entry<kV2S>("efficientnet_v2_s", 384, 21458488, 8365617152),
      entry<kV2M>("efficientnet_v2_m", 480, 54139356, 24582460384),
      entry<kV2L>("efficientnet_v2_l", 480, 118515272, 56079699008),
  };
}

}  // namespace torchclassify::nn
