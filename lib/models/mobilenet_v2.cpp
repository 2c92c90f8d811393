// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/mobilenet_v2.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/initial_values.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

struct StageShape {
  std::int64_t expansion;
  std::int64_t out;  // channels
  int blocks;
  std::int64_t stride;  // of the first block
};

// Table 2 of the paper (Sandler et al. 2018).
constexpr StageShape kStages[] = {
    {1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2},  {6, 64, 4, 2},
    {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
};
constexpr std::int64_t kStem = 32;
constexpr std::int64_t kLast = 1280;

struct BlockShape {
  std::int64_t in = 0;   // channels
  std::int64_t out = 0;  // channels
  std::int64_t expansion = 1;
  std::int64_t stride = 1;
};

class InvertedResidualImpl : public torch::nn::Module {
 public:
  explicit InvertedResidualImpl(const BlockShape& shape)
      : residual_(shape.stride == 1 && shape.in == shape.out) {
    const std::int64_t hidden = shape.in * shape.expansion;
    if (shape.expansion != 1)
      conv_->push_back(ConvNormActivation(
          ConvShape{.in = shape.in, .out = hidden, .kernel = 1},
          Nonlinearity::kRelu6));
    conv_->push_back(ConvNormActivation(ConvShape{.in = hidden,
                                                  .out = hidden,
                                                  .stride = shape.stride,
                                                  .groups = hidden},
                                        Nonlinearity::kRelu6));
    conv_->push_back(
        convolution({.in = hidden, .out = shape.out, .kernel = 1}));
    conv_->push_back(BatchNorm2d(shape.out));
    register_module("conv", conv_);
  }

  // [N, in, h, w] to [N, out, h / stride, w / stride]
  torch::Tensor forward(torch::Tensor x) {
    auto y = conv_->forward(x);
    return residual_ ? y.add_(x) : y;
  }

 private:
  const bool residual_;
  torch::nn::Sequential conv_;
};
TORCH_MODULE(InvertedResidual);

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
MobileNetV2Impl::MobileNetV2Impl(const MobileNetV2Options& options) {
  features_->push_back(ConvNormActivation(
      ConvShape{.in = options.channels, .out = kStem, .stride = 2},
      Nonlinearity::kRelu6));
  std::int64_t in = kStem;
  for (const StageShape& stage : kStages) {
    for (int i = 0; i < stage.blocks; ++i) {
      features_->push_back(
          InvertedResidual(BlockShape{.in = in,
                                      .out = stage.out,
                                      .expansion = stage.expansion,
                                      .stride = i == 0 ? stage.stride : 1}));
      in = stage.out;
    }
  }
  features_->push_back(ConvNormActivation(
      ConvShape{.in = in, .out = kLast, .kernel = 1}, Nonlinearity::kRelu6));
  register_module("features", features_);

  torch::nn::Linear linear(kLast, options.classes);
  classifier_->push_back(torch::nn::Dropout(options.dropout));
  classifier_->push_back(linear);
  register_module("classifier", classifier_);

  initialize_convolutions(*this, torch::kFanOut);
  initialize_normal(*linear);
}

torch::Tensor MobileNetV2Impl::forward_features(torch::Tensor x) {
  return features_->forward(x);  // [N, 1280, h / 32, w / 32]
}

torch::Tensor MobileNetV2Impl::forward_pool(torch::Tensor features) {
  auto x = ImageClassifierImpl::forward_pool(std::move(features));
  return all_but_last(classifier_, std::move(x));  // [N, 1280]
}

torch::Tensor MobileNetV2Impl::forward_last(torch::Tensor pre_logits) {
  return last_of(classifier_, std::move(pre_logits));  // [N, classes]
}

namespace {

constexpr MobileNetV2Options kUsual;

ZooEntry entry() {
  return {.facts = {.name = "mobilenet_v2",
                    .parameters = 3504872,
                    .macs = 300774272},
          .classifier = "classifier.1",
          .stem = "features.0.0",
          .create = create<MobileNetV2Impl, kUsual>,
          .dropout = true};
}

}  // namespace

std::vector<ZooEntry> mobilenet_v2_zoo() { return {entry()}; }

}  // namespace torchclassify::nn
