// SPDX-License-Identifier: LGPL-2.1-or-later
// ShuffleNetV2, as torchvision's.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct ShuffleNetV2Options {
  std::array<std::int64_t, 3> widths = {116, 232, 464};  // channels of each
                                                         // stage, even: x1.0's
  std::int64_t last_width = 1024;  // channels of the last convolution
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class ShuffleNetV2Impl : public ImageClassifierImpl {
 public:
  explicit ShuffleNetV2Impl(const ShuffleNetV2Options& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 private:
  torch::nn::Sequential conv1_{nullptr};
  std::array<torch::nn::Sequential, 3> stages_;
  torch::nn::Sequential conv5_{nullptr};
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(ShuffleNetV2);

}  // namespace torchclassify::nn
