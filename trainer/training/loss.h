// SPDX-License-Identifier: LGPL-2.1-or-later
// What a training minimises.
#pragma once

#include <vector>

#include <torch/types.h>

#include "torchclassify/train/train.h"

namespace torchclassify {

// What a batch should have answered; a slice of one has tensors of its size.
struct Target {
  torch::Tensor labels;         // int64 [N]
  torch::Tensor second_labels;  // int64 [N], or undefined: not mixed
  double first_weight = 1;      // of labels, the rest is of second_labels
  torch::Tensor several;        // multi-label sets: float [N, classes], else
                                // undefined
};

class Loss {
 public:
  // weights: as class_weights() gives them, or empty.
  Loss(const LossOptions& options, const std::vector<double>& weights,
       torch::Device device);

  // The sum over pictures (and classes, for several labels). Divided by the
  // normaliser of the same target it is the mean as PyTorch's cross_entropy
  // and binary_cross_entropy_with_logits take it; so parts of a batch, divided
  // by the whole batch's normaliser, add up to the whole batch's loss.
  torch::Tensor sum(const torch::Tensor& logits, const Target& target) const;
  double normaliser(const Target& target) const;

 private:
  torch::Tensor cross_entropy(const torch::Tensor& logits,
                              const torch::Tensor& labels) const;
  torch::Tensor binary(const torch::Tensor& logits,
                       const torch::Tensor& several) const;

  LossOptions options_;
  torch::Tensor weights_;  // float [classes], or undefined
};

}  // namespace torchclassify
