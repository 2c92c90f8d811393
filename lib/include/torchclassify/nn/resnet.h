// SPDX-License-Identifier: LGPL-2.1-or-later
// Residual networks for photographs, as torchvision's ("v1.5": a bottleneck's
// stride is on its 3x3 convolution).
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/batch_norm.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct ResNetOptions {
  std::array<int, 4> blocks = {2, 2, 2, 2};  // of each stage: ResNet-18's
  bool bottleneck = false;  // blocks of three convolutions, from ResNet-50 on
  std::int64_t groups = 1;  // of a bottleneck's 3x3 convolution: ResNeXt's
  std::int64_t group_width = 64;  // channels of each, in the first stage
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class ResNetImpl : public ImageClassifierImpl {
 public:
  explicit ResNetImpl(const ResNetOptions& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 private:
  torch::nn::Conv2d conv1_{nullptr};
  BatchNorm2d bn1_{nullptr};
  std::array<torch::nn::Sequential, 4> layers_;
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(ResNet);

}  // namespace torchclassify::nn
