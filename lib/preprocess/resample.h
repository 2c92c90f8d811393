// SPDX-License-Identifier: LGPL-2.1-or-later
// Pillow's resampling weights (src/libImaging/Resample.c, 8 bits a channel).
#pragma once

#include <cstdint>
#include <vector>

#include "preprocess/geometry.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

// Fixed point of the weights: 22 bits behind the point leave room for a sign
// and for the sum of 8-bit values.
inline constexpr int kWeightBits = 32 - 8 - 2;

// Which source pixels make one resized pixel, and how much of each.
struct Taps {
  std::int64_t first = 0;  // source pixel of weights[0]
  std::vector<double> weights;
};

// For each of the axis's pixels that lie inside the resized picture, in order;
// pixel i of the result is pixel max(axis.first, 0) + i of the resized picture.
std::vector<Taps> resample_taps(const Axis& axis, Interpolation interpolation);

// The weight in fixed point, rounded half away from zero.
std::int32_t fixed_weight(double weight);

// A sum of fixed-point products, begun with kRounding, to 8 bits.
inline constexpr std::int32_t kRounding = 1 << (kWeightBits - 1);
inline std::uint8_t clip_to_byte(std::int32_t sum) {
  const std::int32_t value = sum >> kWeightBits;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

}  // namespace torchclassify
