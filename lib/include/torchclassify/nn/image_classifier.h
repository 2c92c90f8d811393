// SPDX-License-Identifier: LGPL-2.1-or-later
// What every model of the zoo is: pictures in, logits out.
#pragma once

#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace torchclassify::nn {

// A head in the middle of the network that only helps training.
struct AuxiliaryLogits {
  torch::Tensor logits;    // [N, classes]
  double loss_weight = 0;  // of its loss beside the main one's
};

struct TrainingLogits {
  torch::Tensor logits;  // [N, classes]
  std::vector<AuxiliaryLogits> auxiliary;
};

class ImageClassifierImpl : public torch::nn::Module {
 public:
  // x: float [N, channels, height, width], normalised as the model's
  // preprocessing says; may be overwritten. Returns logits [N, classes].
  virtual torch::Tensor forward(torch::Tensor x) = 0;

  // The same with the auxiliary heads' logits, where there are some and the
  // module is in training mode.
  virtual TrainingLogits forward_training(torch::Tensor x) {
    return {.logits = forward(x), .auxiliary = {}};
  }
};

}  // namespace torchclassify::nn
