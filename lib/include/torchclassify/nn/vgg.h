// SPDX-License-Identifier: LGPL-2.1-or-later
// VGG networks with and without batch normalisation, as torchvision's.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct VggOptions {
  std::array<int, 5> convolutions = {1, 1, 2, 2, 2};  // of each stage: VGG-11's
  bool batch_norm = false;                            // after each convolution
  double dropout = 0.5;  // after the classifier's hidden layers, while
                         // training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class VggImpl : public ImageClassifierImpl {
 public:
  explicit VggImpl(const VggOptions& options);
  // Height and width from 32.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(Vgg);

}  // namespace torchclassify::nn
