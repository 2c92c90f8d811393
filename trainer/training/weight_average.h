// SPDX-License-Identifier: LGPL-2.1-or-later
// A moving average of a model's weights and buffers.
#pragma once

#include <cstdint>

#include <torch/nn/module.h>

namespace torchclassify {

// torchvision's ExponentialMovingAverage. average is another module of the
// same kind; both outlive this.
class WeightAverage {
 public:
  // decay: of one update, 0 to below 1.
  WeightAverage(const torch::nn::Module& model, torch::nn::Module& average,
                double decay);

  void update();
  // The next update copies: what was before the warm-up's end is no help.
  void restart() { updates_ = 0; }

  std::int64_t updates() const { return updates_; }
  void restore(std::int64_t updates) { updates_ = updates; }

 private:
  std::vector<torch::Tensor> model_, average_;  // floating, in the same order
  std::vector<torch::Tensor> model_counts_, average_counts_;
  const double decay_;
  std::int64_t updates_ = 0;
};

// torchvision's choice: the more pictures there are in an update, the fewer
// updates an average lasts. decay: for 1 picture an update and 1 epoch.
double decay_per_update(double decay, int pictures_per_step, int steps,
                        int epochs);

}  // namespace torchclassify
