// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/googlenet.h"

#include <torch/torch.h>

#include "models/blocks.h"
#include "models/inception_blocks.h"
#include "models/zoo.h"

namespace torchclassify::nn {
namespace {

constexpr double kAuxiliaryLossWeight = 0.3;

// Channels of the branches: 1x1; 1x1 before 3x3, 3x3; 1x1 before "5x5", "5x5";
// 1x1 after pooling.
struct InceptionShape {
  const char* name;
  std::int64_t in;
  std::int64_t out1x1;
  std::int64_t squeezed3x3;
  std::int64_t out3x3;
  std::int64_t squeezed5x5;
  std::int64_t out5x5;
  std::int64_t out_pooled;
};

// Table 1 of the paper (Szegedy et al. 2014), up to where the heads and the
// poolings are.
constexpr InceptionShape k3[] = {
    {"inception3a", 192, 64, 96, 128, 16, 32, 32},
    {"inception3b", 256, 128, 128, 192, 32, 96, 64},
};
constexpr InceptionShape k4a = {"inception4a", 480, 192, 96, 208, 16, 48, 64};
constexpr InceptionShape k4[] = {
    {"inception4b", 512, 160, 112, 224, 24, 64, 64},
    {"inception4c", 512, 128, 128, 256, 24, 64, 64},
    {"inception4d", 512, 112, 144, 288, 32, 64, 64},
};
constexpr InceptionShape k4e = {"inception4e", 528, 256, 160,
                                320,           32,  128, 128};
constexpr InceptionShape k5[] = {
    {"inception5a", 832, 256, 160, 320, 32, 128, 128},
    {"inception5b", 832, 384, 192, 384, 48, 128, 128},
};
constexpr std::int64_t kLast = 1024;  // channels

BasicConv2d square(std::int64_t in, std::int64_t out, std::int64_t kernel,
                   std::int64_t stride = 1) {
  return BasicConv2d(BasicConvShape{.in = in,
                                    .out = out,
                                    .height = kernel,
                                    .width = kernel,
                                    .stride = stride});
}

// Halves height and width, rounding up.
torch::nn::MaxPool2d pooling(std::int64_t kernel) {
  return torch::nn::MaxPool2d(
      torch::nn::MaxPool2dOptions(kernel).stride(2).ceil_mode(true));
}

class InceptionImpl : public torch::nn::Module {
 public:
  explicit InceptionImpl(const InceptionShape& shape)
      : branch1_(square(shape.in, shape.out1x1, 1)) {
    branch2_->push_back(square(shape.in, shape.squeezed3x3, 1));
    branch2_->push_back(square(shape.squeezed3x3, shape.out3x3, 3));
    // 3x3 where the paper has 5x5: torchvision's weights are such
    // (github.com/pytorch/vision, issue 906).
    branch3_->push_back(square(shape.in, shape.squeezed5x5, 1));
    branch3_->push_back(square(shape.squeezed5x5, shape.out5x5, 3));
    branch4_->push_back(torch::nn::MaxPool2d(
        torch::nn::MaxPool2dOptions(3).stride(1).padding(1)));
    branch4_->push_back(square(shape.in, shape.out_pooled, 1));
    register_module("branch1", branch1_);
    register_module("branch2", branch2_);
    register_module("branch3", branch3_);
    register_module("branch4", branch4_);
  }

  // [N, in, h, w] to [N, the sum of the branches' channels, h, w]
  torch::Tensor forward(torch::Tensor x) {
    return torch::cat({branch1_(x), branch2_->forward(x), branch3_->forward(x),
                       branch4_->forward(x)},
                      /*dim=*/1);
  }

 private:
  BasicConv2d branch1_;
  torch::nn::Sequential branch2_;
  torch::nn::Sequential branch3_;
  torch::nn::Sequential branch4_;
};
TORCH_MODULE(Inception);

// [N, in, h, w] to [N, classes]
torch::nn::Sequential auxiliary_head(std::int64_t in,
                                     const GoogLeNetOptions& options) {
  constexpr std::int64_t kWidth = 128;  // channels
  constexpr std::int64_t kSide = 4;     // pixels
  constexpr std::int64_t kHidden = 1024;
  torch::nn::Sequential head;
  head->push_back("pool",
                  torch::nn::AdaptiveAvgPool2d(
                      torch::nn::AdaptiveAvgPool2dOptions({kSide, kSide})));
  head->push_back("conv", square(in, kWidth, 1));
  head->push_back("flatten", torch::nn::Flatten());
  head->push_back("fc1", torch::nn::Linear(kWidth * kSide * kSide, kHidden));
  head->push_back("relu", Activation(Nonlinearity::kRelu));
  head->push_back("dropout", torch::nn::Dropout(options.dropout_aux));
  head->push_back("fc2", torch::nn::Linear(kHidden, options.classes));
  return head;
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
GoogLeNetImpl::GoogLeNetImpl(const GoogLeNetOptions& options)
    : transform_input_(options.transform_input) {
  if (transform_input_)
    check_transform_input(options.channels, "googlenet");
  const auto inception = [this](const InceptionShape& shape) {
    return register_module(shape.name, Inception(shape));
  };
  const auto conv = [this](const char* name, BasicConv2d layer) {
    return register_module(name, std::move(layer));
  };
  before_aux1_->push_back(conv("conv1", square(options.channels, 64, 7, 2)));
  before_aux1_->push_back(pooling(3));
  before_aux1_->push_back(conv("conv2", square(64, 64, 1)));
  before_aux1_->push_back(conv("conv3", square(64, 192, 3)));
  before_aux1_->push_back(pooling(3));
  for (const auto& shape : k3) before_aux1_->push_back(inception(shape));
  before_aux1_->push_back(pooling(3));
  before_aux1_->push_back(inception(k4a));
  for (const auto& shape : k4) before_aux2_->push_back(inception(shape));
  after_aux2_->push_back(inception(k4e));
  after_aux2_->push_back(pooling(2));
  for (const auto& shape : k5) after_aux2_->push_back(inception(shape));
  if (options.aux_logits) {
    aux1_ = register_module("aux1", auxiliary_head(k4[0].in, options));
    aux2_ = register_module("aux2", auxiliary_head(k4e.in, options));
  }
  dropout_ = register_module("dropout", torch::nn::Dropout(options.dropout));
  fc_ = register_module("fc", torch::nn::Linear(kLast, options.classes));
  initialize_truncated(*this, [](const std::string&) { return 0.01; });
}

torch::Tensor GoogLeNetImpl::forward_features(torch::Tensor x) {
  return features(std::move(x), /*auxiliary=*/nullptr);
}

TrainingLogits GoogLeNetImpl::forward_training(torch::Tensor x) {
  TrainingLogits output;
  const bool heads = aux1_ && is_training();
  output.logits =
      forward_head(features(std::move(x), heads ? &output.auxiliary : nullptr));
  return output;
}

torch::Tensor GoogLeNetImpl::features(torch::Tensor x,
                                      std::vector<AuxiliaryLogits>* auxiliary) {
  const auto add = [&](torch::nn::Sequential& head) {
    if (auxiliary)
      auxiliary->push_back({.logits = head->forward(x),  // [N, classes]
                            .loss_weight = kAuxiliaryLossWeight});
  };
  if (transform_input_)
    x = transform_input(x);
  x = before_aux1_->forward(x);  // [N, 512, h / 16, w / 16]
  add(aux1_);
  x = before_aux2_->forward(x);  // [N, 528, h / 16, w / 16]
  add(aux2_);
  return after_aux2_->forward(x);  // [N, 1024, h / 32, w / 32]
}

torch::Tensor GoogLeNetImpl::forward_pool(torch::Tensor features) {
  return dropout_(ImageClassifierImpl::forward_pool(std::move(features)));
}

torch::Tensor GoogLeNetImpl::forward_last(torch::Tensor pre_logits) {
  return fc_(pre_logits);  // [N, classes]
}

namespace {

std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  const GoogLeNetOptions shape{
      .aux_logits = extra_option(options, "aux_logits", true),
      .transform_input = extra_option(options, "transform_input", false)};
  return std::make_shared<GoogLeNetImpl>(with_model_options(shape, options));
}

ZooEntry entry() {
  return {.facts = {.name = "googlenet",
                    .min_input_size = 15,
                    .parameters = 13004888,
                    .macs = 1498376192},
          .classifier = "fc",
          .stem = "conv1.conv",
          .create = create,
          .dropout = true,
          .extra = {"aux_logits", "transform_input"}};
}

}  // namespace

std::vector<ZooEntry> googlenet_zoo() { return {entry()}; }

}  // namespace torchclassify::nn
