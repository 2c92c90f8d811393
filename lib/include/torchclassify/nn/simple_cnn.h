// SPDX-License-Identifier: LGPL-2.1-or-later
// The article's network: one convolution, one fully connected layer.
#pragma once

#include <cstdint>

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct SimpleCnnOptions {
  std::int64_t classes = 10;
  std::int64_t channels = 3;       // of the input picture
  std::int64_t input_width = 32;   // pixels, at least 2
  std::int64_t input_height = 32;  // pixels, at least 2
};

class SimpleCnnImpl : public ImageClassifierImpl {
 public:
  explicit SimpleCnnImpl(const SimpleCnnOptions& options);
  // x must have exactly the options' height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(SimpleCnn);

}  // namespace torchclassify::nn
