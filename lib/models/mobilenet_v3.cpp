// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/mobilenet_v3.h"

#include <span>

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

using enum Nonlinearity;

struct RowShape {
  std::int64_t kernel;
  std::int64_t expanded;  // channels of the depthwise convolution
  std::int64_t out;       // channels
  bool squeeze_excitation;
  Nonlinearity nonlinearity;
  std::int64_t stride;
};

// Table 1 of the paper (Howard et al. 2019).
constexpr RowShape kLarge[] = {
    {3, 16, 16, false, kRelu, 1},       {3, 64, 24, false, kRelu, 2},
    {3, 72, 24, false, kRelu, 1},       {5, 72, 40, true, kRelu, 2},
    {5, 120, 40, true, kRelu, 1},       {5, 120, 40, true, kRelu, 1},
    {3, 240, 80, false, kHardswish, 2}, {3, 200, 80, false, kHardswish, 1},
    {3, 184, 80, false, kHardswish, 1}, {3, 184, 80, false, kHardswish, 1},
    {3, 480, 112, true, kHardswish, 1}, {3, 672, 112, true, kHardswish, 1},
    {5, 672, 160, true, kHardswish, 2}, {5, 960, 160, true, kHardswish, 1},
    {5, 960, 160, true, kHardswish, 1},
};
// Table 2.
constexpr RowShape kSmall[] = {
    {3, 16, 16, true, kRelu, 2},       {3, 72, 24, false, kRelu, 2},
    {3, 88, 24, false, kRelu, 1},      {5, 96, 40, true, kHardswish, 2},
    {5, 240, 40, true, kHardswish, 1}, {5, 240, 40, true, kHardswish, 1},
    {5, 120, 48, true, kHardswish, 1}, {5, 144, 48, true, kHardswish, 1},
    {5, 288, 96, true, kHardswish, 2}, {5, 576, 96, true, kHardswish, 1},
    {5, 576, 96, true, kHardswish, 1},
};
constexpr std::int64_t kStem = 16;  // channels

struct BodyShape {
  std::span<const RowShape> rows;
  std::int64_t hidden;  // channels between the classifier's two layers
};

BodyShape body_shape(MobileNetV3Size size) {
  if (size == MobileNetV3Size::kSmall)
    return {.rows = kSmall, .hidden = 1024};
  return {.rows = kLarge, .hidden = 1280};
}

// As in TensorFlow, where the architecture comes from.
constexpr BatchNormShape kNorm{.eps = 1e-3, .momentum = 0.01};

class InvertedResidualImpl : public torch::nn::Module {
 public:
  InvertedResidualImpl(std::int64_t in, const RowShape& row)
      : residual_(row.stride == 1 && in == row.out) {
    if (row.expanded != in)
      block_->push_back(ConvNormActivation(
          ConvShape{.in = in, .out = row.expanded, .kernel = 1},
          row.nonlinearity, kNorm));
    block_->push_back(ConvNormActivation(ConvShape{.in = row.expanded,
                                                   .out = row.expanded,
                                                   .kernel = row.kernel,
                                                   .stride = row.stride,
                                                   .groups = row.expanded},
                                         row.nonlinearity, kNorm));
    if (row.squeeze_excitation)
      block_->push_back(SqueezeExcitation(SqueezeExcitationShape{
          .channels = row.expanded,
          .squeezed = make_divisible(static_cast<double>(row.expanded / 4), 8),
          .scale = kHardsigmoid}));
    block_->push_back(ConvNormActivation(
        ConvShape{.in = row.expanded, .out = row.out, .kernel = 1}, kNone,
        kNorm));
    register_module("block", block_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = block_->forward(x);
    return residual_ ? y.add_(x) : y;
  }

 private:
  const bool residual_;
  torch::nn::Sequential block_;
};
TORCH_MODULE(InvertedResidual);

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
MobileNetV3Impl::MobileNetV3Impl(const MobileNetV3Options& options) {
  const BodyShape body = body_shape(options.size);
  features_->push_back(ConvNormActivation(
      ConvShape{.in = options.channels, .out = kStem, .stride = 2}, kHardswish,
      kNorm));
  std::int64_t in = kStem;
  for (const RowShape& row : body.rows) {
    features_->push_back(InvertedResidual(in, row));
    in = row.out;
  }
  const std::int64_t last = 6 * in;
  features_->push_back(ConvNormActivation(
      ConvShape{.in = in, .out = last, .kernel = 1}, kHardswish, kNorm));
  register_module("features", features_);

  torch::nn::Linear first(last, body.hidden);
  torch::nn::Linear second(body.hidden, options.classes);
  classifier_->push_back(first);
  classifier_->push_back(Activation(kHardswish));
  classifier_->push_back(torch::nn::Dropout(options.dropout));
  classifier_->push_back(second);
  register_module("classifier", classifier_);

  initialize_convolutions(*this, torch::kFanOut);
  initialize_normal(*first);
  initialize_normal(*second);
}

torch::Tensor MobileNetV3Impl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, last, h / 32, w / 32]
}

torch::Tensor MobileNetV3Impl::forward_pool(torch::Tensor features) {
  auto x = ImageClassifierImpl::forward_pool(std::move(features));
  return all_but_last(classifier_, std::move(x));  // [N, hidden]
}

torch::Tensor MobileNetV3Impl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

template <const MobileNetV3Options& kShape>
ZooEntry entry(const char* name, std::int64_t parameters, std::int64_t macs) {
  return {.facts = {.name = name, .parameters = parameters, .macs = macs},
          .classifier = "classifier.3",
          .stem = "features.0.0",
          .create = create<MobileNetV3Impl, kShape>,
          .dropout = true};
}

constexpr MobileNetV3Options kV3Large{.size = MobileNetV3Size::kLarge};
constexpr MobileNetV3Options kV3Small{.size = MobileNetV3Size::kSmall};

}  // namespace

std::vector<ZooEntry> mobilenet_v3_zoo() {
  return {
      entry<kV3Large>("mobilenet_v3_large", 5483032, 216589760),
      entry<kV3Small>("mobilenet_v3_small", 2542856, 56510400),
  };
}

}  // namespace torchclassify::nn
