// SPDX-License-Identifier: LGPL-2.1-or-later
// Turned parts to pictures of their own: preprocess/upright.h.
#pragma once

#include <cstdint>

#include "cuda/device_code.h"
#include "cuda/pixels.h"
#include "cuda/preprocess_plan.h"
#include "cuda/workspace.h"

namespace torchclassify::cuda {

// Of a turned part, in a block.
inline constexpr int kUprightPixels = 256;

// most_pixels: of the largest part.
inline Grid upright_grid(int most_pixels, int parts) {
  return {blocks(most_pixels, kUprightPixels), 1, parts};
}

// A position along a side, as in preprocess/upright.cpp.
struct Between {
  int low;
  int high;
  double share;
};

TORCHCLASSIFY_DEVICE Between between(double position, int side) {
  double middle = position - 0.5;
  if (middle < -1)
    middle = -1;
  if (middle > side)
    middle = side;
  const int below = static_cast<int>(middle + 1) - 1;
  return {clamped(below, 0, side - 1), clamped(below + 1, 0, side - 1),
          middle - below};
}

TORCHCLASSIFY_DEVICE void upright_pixel(const TurnedPart& part, int pixel,
                                        std::uint8_t* to) {
  const double column = pixel % part.width + 0.5;
  const double row = pixel / part.width + 0.5;
  const Between x =
      between(part.across[0] * column + part.down[0] * row + part.corner[0],
              part.source.width);
  const Between y =
      between(part.across[1] * column + part.down[1] * row + part.corner[1],
              part.source.height);
  const Color a = color_at(part.source, x.low, y.low);
  const Color b = color_at(part.source, x.high, y.low);
  const Color c = color_at(part.source, x.low, y.high);
  const Color d = color_at(part.source, x.high, y.high);
  for (int i = 0; i < 3; ++i) {
    const double top = a.value[i] + (b.value[i] - a.value[i]) * x.share;
    const double bottom = c.value[i] + (d.value[i] - c.value[i]) * x.share;
    to[i] = static_cast<std::uint8_t>(top + (bottom - top) * y.share);
  }
}

// Block (x, 0, z) has pixels of part z.
TORCHCLASSIFY_DEVICE void make_upright(const Block& block,
                                       const TurnedPart* parts,
                                       const Workspace& workspace) {
  const TurnedPart& part = parts[block.z];
  const int pixels = part.width * part.height;
  const int begin = block.x * kUprightPixels;
  const int end = smaller(begin + kUprightPixels, pixels);
  for (int i = begin + block.thread; i < end; i += block.threads)
    upright_pixel(part, i,
                  workspace.upright + part.pixels + std::int64_t{3} * i);
}

}  // namespace torchclassify::cuda
