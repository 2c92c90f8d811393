// SPDX-License-Identifier: LGPL-2.1-or-later
// RegNetX and RegNetY, as torchvision's: stages that follow from five numbers.
#pragma once

#include <cstdint>

#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

// Block i's width is initial_width + i * slope, moved to the nearest
// initial_width * step^n (n whole), then to the nearest multiple of 8. Blocks
// of one width are a stage.
struct RegNetOptions {
  int depth = 16;                   // blocks; these five: 400MF's
  std::int64_t initial_width = 48;  // channels, a multiple of 8
  double slope = 27.89;             // channels a block, not negative
  double step = 2.09;               // over 1
  std::int64_t group_width = 8;     // channels of a 3x3 convolution's groups
  bool squeeze_excitation = true;   // RegNetY, not RegNetX
  std::int64_t classes = 1000;
  std::int64_t channels = 3;  // of the input picture
};

class RegNetImpl : public ImageClassifierImpl {
 public:
  explicit RegNetImpl(const RegNetOptions& options);
  // Any height and width.
  torch::Tensor forward_features(torch::Tensor x) override;
  torch::Tensor forward_last(torch::Tensor pre_logits) override;

 private:
  torch::nn::Sequential stem_;
  torch::nn::Sequential trunk_output_;
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(RegNet);

}  // namespace torchclassify::nn
