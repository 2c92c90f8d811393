// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/nn/inception.h"

#include <torch/torch.h>

#include "models/mixed.h"
#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

constexpr double kAuxiliaryLossWeight = 0.4;
constexpr std::int64_t kMinTrainingSize = 299;  // pixels; the auxiliary head's
constexpr std::int64_t kMixed6 = 768;           // channels
constexpr std::int64_t kLast = 2048;            // channels

BasicConv2d conv(const BasicConvShape& shape) { return BasicConv2d(shape); }

BasicConvShape unpadded(std::int64_t in, std::int64_t out, std::int64_t kernel,
                        std::int64_t stride = 1) {
  return {.in = in,
          .out = out,
          .height = kernel,
          .width = kernel,
          .stride = stride,
          .padded = false};
}

torch::nn::MaxPool2d pooling() {
  return torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(3).stride(2));
}

// [N, 768, h, w] to [N, classes], h and w from 17
torch::nn::Sequential auxiliary_head(std::int64_t classes) {
  torch::nn::Sequential head;
  head->push_back(
      "pool0", torch::nn::AvgPool2d(torch::nn::AvgPool2dOptions(5).stride(3)));
  head->push_back("conv0", conv({.in = kMixed6, .out = 128}));
  head->push_back("conv1", conv(unpadded(128, 768, 5)));
  head->push_back("pool1", torch::nn::AdaptiveAvgPool2d(1));
  head->push_back("flatten", torch::nn::Flatten());
  head->push_back("fc", torch::nn::Linear(768, classes));
  return head;
}

// torchvision means 0.01 for the auxiliary head's "conv1", but sets it where
// nothing reads it.
double initial_std(const std::string& layer) {
  return layer == "AuxLogits.fc" ? 0.001 : 0.1;
}

void check_training_size(const torch::Tensor& x) {
  if (x.size(2) >= kMinTrainingSize && x.size(3) >= kMinTrainingSize)
    return;
  const std::string least = std::to_string(kMinTrainingSize);
  throw Error(ErrorCode::kInvalidArgument,
              "inception_v3: expected pictures of " + least + "x" + least +
                  " or larger for training with aux_logits, got " +
                  std::to_string(x.size(3)) + "x" + std::to_string(x.size(2)));
}

}  // namespace

// The names are the checkpoint's keys: renaming one is a format change.
InceptionV3Impl::InceptionV3Impl(const InceptionV3Options& options)
    : transform_input_(options.transform_input) {
  if (transform_input_)
    check_transform_input(options.channels, "inception_v3");
  const auto before = [this](const char* name, auto layer) {
    before_aux_->push_back(register_module(name, layer));
  };
  before("Conv2d_1a_3x3", conv(unpadded(options.channels, 32, 3, 2)));
  before("Conv2d_2a_3x3", conv(unpadded(32, 32, 3)));
  before("Conv2d_2b_3x3", conv({.in = 32, .out = 64, .height = 3, .width = 3}));
  before_aux_->push_back(pooling());
  before("Conv2d_3b_1x1", conv({.in = 64, .out = 80}));
  before("Conv2d_4a_3x3", conv(unpadded(80, 192, 3)));
  before_aux_->push_back(pooling());
  before("Mixed_5b", mixed_a(192, /*pooled_width=*/32));
  before("Mixed_5c", mixed_a(256, /*pooled_width=*/64));
  before("Mixed_5d", mixed_a(288, /*pooled_width=*/64));
  before("Mixed_6a", mixed_b(288));
  before("Mixed_6b", mixed_c(kMixed6, /*width=*/128));
  before("Mixed_6c", mixed_c(kMixed6, /*width=*/160));
  before("Mixed_6d", mixed_c(kMixed6, /*width=*/160));
  before("Mixed_6e", mixed_c(kMixed6, /*width=*/192));
  if (options.aux_logits)
    aux_ = register_module("AuxLogits", auxiliary_head(options.classes));
  const auto after = [this](const char* name, Mixed layer) {
    after_aux_->push_back(register_module(name, std::move(layer)));
  };
  after("Mixed_7a", mixed_d(kMixed6));
  after("Mixed_7b", mixed_e(1280));
  after("Mixed_7c", mixed_e(kLast));
  dropout_ = register_module("dropout", torch::nn::Dropout(options.dropout));
  fc_ = register_module("fc", torch::nn::Linear(kLast, options.classes));
  initialize_truncated(*this, initial_std);
}

torch::Tensor InceptionV3Impl::forward_features(torch::Tensor x) {
  return features(std::move(x), /*auxiliary=*/nullptr);
}

TrainingLogits InceptionV3Impl::forward_training(torch::Tensor x) {
  TrainingLogits output;
  const bool head = aux_ && is_training();
  if (head)
    check_training_size(x);
  output.logits =
      forward_head(features(std::move(x), head ? &output.auxiliary : nullptr));
  return output;
}

torch::Tensor InceptionV3Impl::features(
    torch::Tensor x, std::vector<AuxiliaryLogits>* auxiliary) {
  if (transform_input_)
    x = transform_input(x);
  x = before_aux_->forward(x);  // [N, 768, about h / 16, about w / 16]
  if (auxiliary)
    auxiliary->push_back({.logits = aux_->forward(x),  // [N, classes]
                          .loss_weight = kAuxiliaryLossWeight});
  return after_aux_->forward(x);  // [N, 2048, about h / 32, about w / 32]
}

torch::Tensor InceptionV3Impl::forward_pool(torch::Tensor features) {
  return dropout_(ImageClassifierImpl::forward_pool(std::move(features)));
}

torch::Tensor InceptionV3Impl::forward_last(torch::Tensor pre_logits) {
  return fc_(pre_logits);  // [N, classes]
}

namespace {

std::shared_ptr<ImageClassifierImpl> create(const ModelOptions& options) {
  const InceptionV3Options shape{
      .aux_logits = extra_option(options, "aux_logits", true),
      .transform_input = extra_option(options, "transform_input", false)};
  return std::make_shared<InceptionV3Impl>(with_model_options(shape, options));
}

ZooEntry entry() {
  return {.facts = {.name = "inception_v3",
                    .input_size = 299,
                    .min_input_size = 75,
                    .parameters = 27161264,
                    .macs = 5713216096},
          .classifier = "fc",
          .stem = "Conv2d_1a_3x3.conv",
          .create = create,
          .dropout = true,
          .extra = {"aux_logits", "transform_input"}};
}

}  // namespace

std::vector<ZooEntry> inception_zoo() { return {entry()}; }

}  // namespace torchclassify::nn
