// SPDX-License-Identifier: LGPL-2.1-or-later
// The network of "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (Jordan
// 2024), as legacy/airbench94.py of github.com/KellerJordan/cifar10-airbench.
#pragma once

#include <array>
#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct AirbenchOptions {
  // Channels of the three groups, the first at least 8 times those of the
  // picture. airbench94_x0_5 halves them all.
  std::array<std::int64_t, 3> widths = {64, 256, 256};
  std::int64_t classes = 10;
  std::int64_t channels = 3;  // of the input picture
};

// Not learned, but derived from pictures once: the weights of "whiten". Not
// learned at all: the batch norms' weights, which are 1. None of these requires
// gradients. Batch norms add 1e-5 to variances, not the original's 1e-12: in
// float16 files, variances below 6e-8 are 0.
class AirbenchImpl : public ImageClassifierImpl {
 public:
  explicit AirbenchImpl(const AirbenchOptions& options);
  // Height and width from 9. At 32 it is the original network; it takes the
  // maximum over the whole picture at others too.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;
  // Makes "whiten" give uncorrelated numbers for the pictures' 2x2 patches, and
  // their negatives: of variance 1, but for directions whose own is not far
  // above 5e-4. Height and width from 2.
  void start_from_pictures(const torch::Tensor& pictures) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  torch::nn::Conv2d whiten_{nullptr};
  std::array<torch::nn::Sequential, 3> groups_;
  torch::nn::Linear head_{nullptr};
};
TORCH_MODULE(Airbench);

}  // namespace torchclassify::nn
