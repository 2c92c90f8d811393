// SPDX-License-Identifier: LGPL-2.1-or-later
// MaxViT-T (Tu et al. 2022), as torchvision's.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct MaxVitOptions {
  // Pixels. Halved five times, rounding up, both must come to the same
  // multiple of 7 (and from the second time on at every step): 224, 448, 672.
  std::int64_t height = 224;
  std::int64_t width = 224;
  double dropout = 0;  // after attention and after MLPs, while training
  double stochastic_depth = 0.2;  // the last layer's probability of being left
                                  // out while training; the first's is 0
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class MaxVitImpl : public ImageClassifierImpl {
 public:
  // Throws Error kInvalidArgument for another height or width.
  explicit MaxVitImpl(const MaxVitOptions& options);
  // Of the options' height and width, or Error kInvalidArgument is thrown.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 protected:
  torch::Tensor forward_pool(torch::Tensor features) override;

 private:
  const MaxVitOptions options_;
  torch::nn::Sequential stem_;
  torch::nn::Sequential blocks_;
  torch::nn::Sequential classifier_;
};
TORCH_MODULE(MaxVit);

}  // namespace torchclassify::nn
