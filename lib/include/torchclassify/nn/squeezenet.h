// SPDX-License-Identifier: LGPL-2.1-or-later
// SqueezeNet 1.0 and 1.1, as torchvision's.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

enum class SqueezeNetVersion { k1_0, k1_1 };

struct SqueezeNetOptions {
  SqueezeNetVersion version = SqueezeNetVersion::k1_0;
  double dropout = 0.5;  // before the classifier, while training
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class SqueezeNetImpl : public ImageClassifierImpl {
 public:
  explicit SqueezeNetImpl(const SqueezeNetOptions& options);
  // Height and width from 21 (version 1.0) or 17 (1.1). The logits are not
  // negative: a ReLU is what comes last.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(SqueezeNet);

}  // namespace torchclassify::nn
