// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/kept_tensor.h"

#include <algorithm>
#include <utility>

#include <torch/torch.h>

namespace torchclassify::nn {

torch::Tensor KeptTensor::get(const torch::nn::Module& module,
                              const std::vector<torch::Tensor>& sources,
                              const std::function<torch::Tensor()>& compute) {
  const std::lock_guard lock(mutex_);
  // A tensor of inference mode does not count how often it is written to.
  if (module.is_training() || torch::GradMode::is_enabled() ||
      std::ranges::any_of(sources, &torch::Tensor::is_inference)) {
    value_.reset();
    return compute();
  }
  std::vector<State> now = states(sources);
  if (!fresh(now)) {
    value_ = compute();
    then_ = std::move(now);
  }
  return value_;
}

std::vector<KeptTensor::State> KeptTensor::states(
    const std::vector<torch::Tensor>& sources) {
  std::vector<State> all;
  for (const torch::Tensor& source : sources)
    all.push_back({.memory = source.storage(),
                   .dtype = source.scalar_type(),
                   .version = source._version()});
  return all;
}

bool KeptTensor::fresh(const std::vector<State>& now) const {
  return value_.defined() &&
         std::ranges::equal(now, then_, [](const State& a, const State& b) {
           return a.memory.is_alias_of(b.memory) && a.dtype == b.dtype &&
                  a.version == b.version;
         });
}

}  // namespace torchclassify::nn
