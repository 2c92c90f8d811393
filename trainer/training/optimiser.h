// SPDX-License-Identifier: LGPL-2.1-or-later
// Gradients into weights: PyTorch's optimisers, in LibTorch's fused kernels
// where it has them, with a state that can be kept by name.
#pragma once

#include <vector>

#include "models/state_dict.h"
#include "training/parameter_groups.h"

namespace torchclassify {

class Optimiser {
 public:
  Optimiser(std::vector<ParameterGroup> groups,
            const OptimiserOptions& options);

  void zero_grad();
  // learning_rate: of groups with a rate of 1. Parameters without a gradient
  // stay as they are.
  void step(double learning_rate);

  // Those that have a gradient now.
  std::vector<torch::Tensor> gradients() const;

  // "PARAMETER.momentum_buffer" and so on: as PyTorch names them. Empty for
  // parameters that have not been stepped yet.
  NamedTensors state() const;
  // Throws Error kBadData for a tensor that no parameter can have.
  void load_state(const NamedTensors& state);

 private:
  struct Part {  // what a step gathers of one group
    std::vector<torch::Tensor> parameters, gradients;
    std::vector<std::string> names;
  };
  Part gather(const ParameterGroup& group) const;
  std::vector<torch::Tensor> states(const Part& part, const char* name);
  std::vector<torch::Tensor> counters(const Part& part);
  void step_sgd(Part part, double rate, double decay);
  void step_rms_prop(Part part, double rate, double decay);
  void step_adam(Part part, double rate, double decay);

  std::vector<ParameterGroup> groups_;
  OptimiserOptions options_;
  NamedTensors state_;
};

// Divides gradients by what makes their norm, taken together, at most limit.
// Returns the norm before. As clip_grad_norm_(), without its 0 for none.
double clip_gradients(const std::vector<torch::Tensor>& gradients,
                      double limit);

}  // namespace torchclassify
