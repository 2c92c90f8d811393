// SPDX-License-Identifier: LGPL-2.1-or-later
// EfficientNet and EfficientNetV2, as torchvision's (padded alike on all sides,
// unlike TensorFlow's).
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

enum class EfficientNetStages {
  kV1,  // of B0; B1 to B7 scale them
  kV2Small,
  kV2Medium,
  kV2Large,
};

struct EfficientNetOptions {
  EfficientNetStages stages = EfficientNetStages::kV1;
  double width = 1;            // times the stages' channels
  double depth = 1;            // times the stages' blocks
  double norm_eps = 1e-5;      // of the batch norms
  double norm_momentum = 0.1;  // likewise
  double dropout = 0.2;        // before the classifier, while training
  // Probability of dropping a residual branch while training: 0 for the first
  // block, growing evenly to nearly this for the last.
  double stochastic_depth = 0.2;
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class EfficientNetImpl : public ImageClassifierImpl {
 public:
  explicit EfficientNetImpl(const EfficientNetOptions& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(EfficientNet);

}  // namespace torchclassify::nn
