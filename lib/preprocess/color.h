// SPDX-License-Identifier: LGPL-2.1-or-later
// Y'CbCr to R'G'B', range and luma.
#pragma once

#include <array>
#include <cstdint>

#include "torchclassify/image.h"

namespace torchclassify {

// R'G'B' of 0 to 255 from samples: rgb[i] = (y - y_offset) * y_scale +
// (u - 128) * u[i] + (v - 128) * v[i], not rounded or clipped.
struct YuvToRgb {
  float y_offset;
  float y_scale;
  std::array<float, 3> u;
  std::array<float, 3> v;
};

// ITU-T H.273 (07/2021), equations 38 to 40 and table 4's K_R and K_B.
YuvToRgb yuv_to_rgb(ColorMatrix matrix, ColorRange range);

// PIL's convert('L'): ITU-R 601 luma in 16-bit fixed point.
inline std::uint8_t luma(int red, int green, int blue) {
  return static_cast<std::uint8_t>(
      (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
}

// A grey sample of limited range, stretched to 0 to 255 and rounded.
std::uint8_t full_range_grey(std::uint8_t sample);

}  // namespace torchclassify
