// SPDX-License-Identifier: LGPL-2.1-or-later
// One model on one device: a batch of inputs to logits.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/device.h"
#include "torchclassify/model_info.h"
#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

// Worker threads only; several may call forward() at a time.
class Executor {
 public:
  // Loads the weights. Throws Error, naming the file.
  Executor(const std::string& model_file, const torch::Device& device,
           Precision precision);

  const ModelInfo& info() const { return info_; }

  // input: float32 [count, channels, height, width]. Returns float32 logits
  // [count, classes]. Halves the batch when the device's memory runs out;
  // throws Error kOutOfMemory when one picture is too much, kInternal for
  // whatever else LibTorch says.
  std::vector<float> forward(const float* input, std::size_t count) const;

  // Compares the file's recorded logits with this device's. Throws Error
  // kBadData, naming the file, when they differ by more than rounding.
  void self_check() const;

 private:
  torch::Tensor run(const float* input, std::size_t count) const;

  const std::string model_file_;
  const torch::Device device_;
  const torch::Dtype dtype_;
  ModelInfo info_;
  std::shared_ptr<nn::ImageClassifierImpl> module_;
};

}  // namespace torchclassify
