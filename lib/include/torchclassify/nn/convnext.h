// SPDX-License-Identifier: LGPL-2.1-or-later
// ConvNeXt, as torchvision's.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct ConvNeXtOptions {
  std::array<int, 4> blocks = {3, 3, 9, 3};  // of each stage: ConvNeXt-T's
  std::int64_t width = 96;    // channels of the first stage; each doubles them
  double layer_scale = 1e-6;  // what residual branches are scaled by at first
  // Probability of dropping a residual branch while training: 0 for the first
  // block, growing evenly to this for the last.
  double stochastic_depth = 0.1;
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class ConvNeXtImpl : public ImageClassifierImpl {
 public:
  explicit ConvNeXtImpl(const ConvNeXtOptions& options);
  // Height and width from 32.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(ConvNeXt);

}  // namespace torchclassify::nn
