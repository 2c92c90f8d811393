// SPDX-License-Identifier: LGPL-2.1-or-later
// The narrow residual networks for 32x32 pictures ("Deep Residual Learning",
// section 4.2), with the names of github.com/akamaster/pytorch_resnet_cifar10.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/batch_norm.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct CifarResNetOptions {
  int blocks = 3;  // of each of the three stages: depth = 6 blocks + 2
  std::int64_t classes = 10;
  std::int64_t channels = 3;  // of the input picture
};

class CifarResNetImpl : public ImageClassifierImpl {
 public:
  explicit CifarResNetImpl(const CifarResNetOptions& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 private:
  torch::nn::Conv2d conv1_{nullptr};
  BatchNorm2d bn1_{nullptr};
  std::array<torch::nn::Sequential, 3> layers_;
  torch::nn::Linear linear_{nullptr};
};
TORCH_MODULE(CifarResNet);

}  // namespace torchclassify::nn
