// SPDX-License-Identifier: LGPL-2.1-or-later
// AlexNet, as torchvision's: the network of one tower (Krizhevsky 2014).
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct AlexNetOptions {
  double dropout = 0.5;  // before the hidden layers of the classifier, while
                         // training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class AlexNetImpl : public ImageClassifierImpl {
 public:
  explicit AlexNetImpl(const AlexNetOptions& options);
  // Height and width from 63.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(AlexNet);

}  // namespace torchclassify::nn
