// SPDX-License-Identifier: LGPL-2.1-or-later
// 8-bit values to model input, with ToTensor's and Normalize's roundings.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "torchclassify/model_info.h"

namespace torchclassify {

class Normaliser {
 public:
  explicit Normaliser(const Preprocessing& preprocessing);

  // (value / 255 - mean) / std in float32, each step rounded.
  float of_byte(int channel, std::uint8_t value) const {
    return table_[channel][value];
  }
  // The same function, linear, for values between the bytes.
  float scale(int channel) const { return scale_[channel]; }
  float offset(int channel) const { return offset_[channel]; }

 private:
  std::vector<std::array<float, 256>> table_;
  std::vector<float> scale_;
  std::vector<float> offset_;
};

}  // namespace torchclassify
