// SPDX-License-Identifier: LGPL-2.1-or-later
// MobileNetV3, width 1.0, as torchvision's.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

enum class MobileNetV3Size { kSmall, kLarge };

struct MobileNetV3Options {
  MobileNetV3Size size = MobileNetV3Size::kLarge;
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
  double dropout = 0.2;       // before the last layer, while training
};

class MobileNetV3Impl : public ImageClassifierImpl {
 public:
  explicit MobileNetV3Impl(const MobileNetV3Options& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(MobileNetV3);

}  // namespace torchclassify::nn
