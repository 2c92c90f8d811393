// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/weight_average.h"

#include <algorithm>

#include <torch/torch.h>

namespace torchclassify {
namespace {

// Parameters and buffers; whole numbers (batch counts) apart.
void collect(const torch::nn::Module& module,
             std::vector<torch::Tensor>& floating,
             std::vector<torch::Tensor>& whole) {
  for (const auto& parameter : module.parameters())
    floating.push_back(parameter.detach());
  for (const auto& buffer : module.buffers())
    (buffer.is_floating_point() ? floating : whole).push_back(buffer.detach());
}

}  // namespace

WeightAverage::WeightAverage(const torch::nn::Module& model,
                             torch::nn::Module& average, double decay)
    : decay_(decay) {
  collect(model, model_, model_counts_);
  collect(average, average_, average_counts_);
}

void WeightAverage::update() {
  const torch::NoGradGuard no_grad;
  if (updates_++ == 0)
    at::_foreach_copy_(average_, model_);
  else
    at::_foreach_lerp_(average_, model_, 1 - decay_);
  if (!model_counts_.empty())
    at::_foreach_copy_(average_counts_, model_counts_);
}

double decay_per_update(double decay, int pictures_per_step, int steps,
                        int epochs) {
  const double lost = (1 - decay) * pictures_per_step * steps / epochs;
  return 1 - std::min(1.0, lost);
}

}  // namespace torchclassify
