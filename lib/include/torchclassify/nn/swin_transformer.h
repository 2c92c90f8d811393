// SPDX-License-Identifier: LGPL-2.1-or-later
// Swin Transformer (Liu et al. 2021) and its version 2 (2022), as
// torchvision's.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct SwinTransformerOptions {
  // Numbers per token in the first stage; each later one doubles them.
  std::int64_t embedding = 96;
  std::array<int, 4> blocks = {2, 2, 6, 2};  // of each stage: Swin-T's
  std::array<std::int64_t, 4> heads = {3, 6, 12, 24};  // of each stage
  std::int64_t window = 7;  // tokens (4x4 pixels in the first stage), square
  bool version2 = false;
  double dropout = 0;  // after attention and inside the MLPs, while training
  double stochastic_depth = 0.2;  // the last block's probability of being
                                  // left out while training; the first's is 0
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class SwinTransformerImpl : public ImageClassifierImpl {
 public:
  explicit SwinTransformerImpl(const SwinTransformerOptions& options);
  // Any height and width from 4.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 private:
  torch::nn::Sequential features_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear head_{nullptr};
};
TORCH_MODULE(SwinTransformer);

}  // namespace torchclassify::nn
