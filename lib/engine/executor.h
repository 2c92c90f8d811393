// SPDX-License-Identifier: LGPL-2.1-or-later
// One model on one device: a batch of inputs to logits.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/network.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

// Worker threads only; several may call forward() at a time.
class Executor {
 public:
  // Loads the model. Throws Error, naming the file.
  explicit Executor(const NetworkOptions& options);

  const ModelInfo& info() const { return model_.info; }

  // input: float32 [count, channels, height, width]. Returns float32 logits
  // [count, classes]. Halves the batch when the device's memory runs out;
  // throws Error kOutOfMemory when one picture is too much, kInternal for
  // whatever else LibTorch says.
  std::vector<float> forward(const float* input, std::size_t count) const;

  // Compares the file's recorded logits with this device's. Throws Error
  // kBadData, naming the file, when they differ by more than rounding.
  void self_check() const;

 private:
  // Empty when the device's memory runs out.
  std::vector<float> try_forward(const float* input, std::size_t count) const;
  torch::Tensor run(const float* input, std::size_t count) const;

  const NetworkOptions options_;
  OpenedModel model_;
};

}  // namespace torchclassify
