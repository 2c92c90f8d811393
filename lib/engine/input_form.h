// SPDX-License-Identifier: LGPL-2.1-or-later
// How a picture goes into a model that is code.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include "torchclassify/model_info.h"

namespace torchclassify {

struct InputForm {
  bool channels_last = false;  // [N, height, width, channels]
  bool bytes = false;          // uint8 from 0 to 255; false: float32
  int channels = 3;
  int height = 0;  // pixels
  int width = 0;   // pixels
};

// "uint8 [N, 28, 28, 1]"
std::string form_name(const InputForm& form);

// Whether the preprocessing makes 0 to 255 out of pixels: mean 0, std 1/255.
bool gives_bytes(const Preprocessing& preprocessing);

// What a model of unknown input may take, likeliest first. wanted: what its
// description says; null: nothing is known. channels: a guess, 0: none.
std::vector<InputForm> likely_forms(const Preprocessing* wanted, int channels);

// Whether the preprocessing makes what the form needs.
bool fits(const InputForm& form, const Preprocessing& preprocessing);

// pictures: float32 [N, channels, height, width]. Returns the same numbers as
// the form has them, contiguous, in memory of its own; for bytes rounded,
// within 0 to 255.
torch::Tensor as_input(const torch::Tensor& pictures, const InputForm& form);

}  // namespace torchclassify
