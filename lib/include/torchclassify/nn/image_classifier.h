// SPDX-License-Identifier: LGPL-2.1-or-later
// What every model of the zoo is: pictures in, logits out.
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

namespace torchclassify::nn {

class ImageClassifierImpl : public torch::nn::Module {
 public:
  // x: float [N, channels, height, width], normalised as the model's
  // preprocessing says. Returns logits [N, classes].
  virtual torch::Tensor forward(torch::Tensor x) = 0;
};

}  // namespace torchclassify::nn
