// SPDX-License-Identifier: LGPL-2.1-or-later
// A model file that is code: what TorchScript and AOTInductor have in common.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include "engine/input_form.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

// How many pictures the code takes at a time.
struct BatchLimits {
  int smallest = 1;
  int largest = 0;  // 0: any number
};

// Several threads may call run() at a time.
class CodeModel {
 public:
  virtual ~CodeModel() = default;

  // "torchscript", "aotinductor": the architecture where nothing is said.
  virtual std::string kind() const = 0;
  // A bundle's JSON out of the file; empty: there is none.
  virtual std::string description() const = 0;

  // What to try, likeliest first; wanted as for likely_forms().
  virtual std::vector<InputForm> forms(const Preprocessing* wanted) const = 0;
  virtual BatchLimits batch_limits() const = 0;

  // input: contiguous, on the CPU. The result may be on any device. Throws
  // Error kUnsupported for a result that is not one tensor, kOutOfMemory, and
  // what the code throws.
  virtual torch::Tensor run(const torch::Tensor& input) const = 0;
};

}  // namespace torchclassify
