// SPDX-License-Identifier: LGPL-2.1-or-later
// Densely connected networks (DenseNet-BC), as torchvision's.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct DenseNetOptions {
  std::array<int, 4> layers = {6, 12, 24, 16};  // of each block: DenseNet-121's
  std::int64_t growth = 32;                     // channels that a layer adds
  std::int64_t stem = 64;       // channels of the first convolution
  std::int64_t bottleneck = 4;  // times growth: channels inside a layer
  double dropout = 0;           // of what a layer adds, while training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class DenseNetImpl : public ImageClassifierImpl {
 public:
  explicit DenseNetImpl(const DenseNetOptions& options);
  // Height and width from 29.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Linear classifier_{nullptr};
};
TORCH_MODULE(DenseNet);

}  // namespace torchclassify::nn
