// SPDX-License-Identifier: LGPL-2.1-or-later
// A tensor that is computed from weights, and kept while these stay the same.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace torchclassify::nn {

class KeptTensor {
 public:
  // compute()'s result, of module's weights "sources". In evaluation without
  // gradients it is the last one, if the same sources have not been written to
  // since. LibTorch's optimisers write to source.data(), which goes unnoticed:
  // so any other call forgets what was kept. From any thread; on CUDA by one
  // stream.
  torch::Tensor get(const torch::nn::Module& module,
                    const std::vector<torch::Tensor>& sources,
                    const std::function<torch::Tensor()>& compute);

 private:
  // A source's memory and how often it was written to. Holding the memory
  // keeps another tensor from getting the same address.
  struct State {
    c10::Storage memory;
    torch::Dtype dtype;
    std::int64_t version;
  };
  static std::vector<State> states(const std::vector<torch::Tensor>& sources);
  bool fresh(const std::vector<State>& now) const;

  // Protected by mutex_.
  std::vector<State> then_;
  torch::Tensor value_;

  std::mutex mutex_;
};

}  // namespace torchclassify::nn
