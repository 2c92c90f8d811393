// SPDX-License-Identifier: LGPL-2.1-or-later
// MNASNet-B1, as torchvision's (its version 2: the width scales the first
// layers too).
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct MNASNetOptions {
  double width = 1;  // times the channels of MNASNet 1.0
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
  double dropout = 0.2;       // before the classifier, while training
};

class MNASNetImpl : public ImageClassifierImpl {
 public:
  explicit MNASNetImpl(const MNASNetOptions& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential layers_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(MNASNet);

}  // namespace torchclassify::nn
