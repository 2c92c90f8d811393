// SPDX-License-Identifier: LGPL-2.1-or-later
// MobileNetV2, width 1.0, as torchvision's.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct MobileNetV2Options {
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
  double dropout = 0.2;       // before the classifier, while training
};

class MobileNetV2Impl : public ImageClassifierImpl {
 public:
  explicit MobileNetV2Impl(const MobileNetV2Options& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(MobileNetV2);

}  // namespace torchclassify::nn
