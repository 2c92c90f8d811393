// SPDX-License-Identifier: LGPL-2.1-or-later
// Which source pixels make a resized one: preprocess/resample.h.
#pragma once

#include <cstdint>

#include "cuda/device_code.h"
#include "cuda/pixels.h"
#include "cuda/preprocess_plan.h"
#include "cuda/workspace.h"
#include "preprocess/resample.h"

namespace torchclassify::cuda {

TORCHCLASSIFY_DEVICE int clip_to_byte(std::int32_t sum) {
  return clamped(sum >> kWeightBits, 0, 255);
}

// Of an axis, in a block.
inline constexpr int kTapsPixels = 64;

inline Grid taps_grid(const Input& input, int pictures) {
  return {blocks(input.width > input.height ? input.width : input.height,
                 kTapsPixels),
          2, pictures};
}

TORCHCLASSIFY_DEVICE double filter(double x, bool bicubic) {
  constexpr double a = -0.5;
  x = x < 0 ? -x : x;
  if (!bicubic)
    return x < 1.0 ? 1.0 - x : 0.0;
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

TORCHCLASSIFY_DEVICE std::int32_t fixed_weight(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

// precompute_coeffs() of Pillow for one output pixel.
TORCHCLASSIFY_DEVICE Taps taps_at(int position, const ResizedAxis& axis,
                                  bool bicubic, std::int32_t* weights) {
  const double scale =
      static_cast<double>(axis.source) / static_cast<double>(axis.resized);
  const double filter_scale = scale > 1.0 ? scale : 1.0;
  const double support = (bicubic ? 2.0 : 1.0) * filter_scale;
  const double step = 1.0 / filter_scale;
  const double centre = (position + 0.5) * scale;
  const double left = centre - support + 0.5;
  const int first = left > 0.0 ? static_cast<int>(left) : 0;
  const int last =
      smaller(static_cast<int>(centre + support + 0.5), axis.source);
  double sum = 0.0;
  for (int x = first; x < last; ++x)
    sum += filter((x - centre + 0.5) * step, bicubic);
  for (int x = first; x < last; ++x) {
    const double weight = filter((x - centre + 0.5) * step, bicubic);
    weights[x - first] = fixed_weight(sum != 0.0 ? weight / sum : weight);
  }
  return {first, last - first};
}

// Block (x, y, z) has pixels of picture z: across where y is 0, down where 1.
TORCHCLASSIFY_DEVICE void make_taps(const Block& block, const Input& input,
                                    const Picture* pictures,
                                    const Workspace& workspace) {
  const Picture& picture = pictures[block.z];
  const ResizedAxis& axis = block.y == 0 ? picture.x : picture.y;
  const int begin = block.x * kTapsPixels;
  const int end = smaller(begin + kTapsPixels, axis.count);
  for (int i = begin + block.thread; i < end; i += block.threads) {
    std::int32_t* weights = workspace.weights + axis.weights +
                            static_cast<std::int64_t>(i) * axis.most_taps;
    const int position = axis.begin + i;
    Taps& taps = workspace.taps[axis.first_tap + i];
    if (axis.source == axis.resized) {  // Pillow leaves this axis alone
      taps = {position, 1};
      weights[0] = 1 << kWeightBits;
    } else {
      taps = taps_at(position, axis, input.bicubic != 0, weights);
    }
  }
}

}  // namespace torchclassify::cuda
