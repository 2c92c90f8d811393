// SPDX-License-Identifier: LGPL-2.1-or-later
// The colours of pixels in device memory: preprocess/color_reader.h.
#pragma once

#include <cstdint>

#include "cuda/device_code.h"
#include "cuda/preprocess_plan.h"

namespace torchclassify::cuda {

TORCHCLASSIFY_DEVICE int smaller(int a, int b) { return a < b ? a : b; }
TORCHCLASSIFY_DEVICE int larger(int a, int b) { return a > b ? a : b; }
TORCHCLASSIFY_DEVICE int clamped(int value, int least, int most) {
  return larger(least, smaller(value, most));
}

struct Color {
  int value[3];  // R'G'B', bytes
};

TORCHCLASSIFY_DEVICE int sample(const Samples& from, int x, int y) {
  return from.first[(y >> from.shift_y) * from.stride +
                    (x >> from.shift_x) * from.step + from.offset];
}

TORCHCLASSIFY_DEVICE int to_byte(float value) {
  const float rounded = value + 0.5f;
  return rounded < 0.0f     ? 0
         : rounded > 255.0f ? 255
                            : static_cast<int>(rounded);
}

// At a column and row of the part.
TORCHCLASSIFY_DEVICE Color color_at(const Source& source, int x, int y) {
  x += source.x;
  y += source.y;
  const int first = sample(source.samples[0], x, y);
  if (source.components == 1) {
    const int stretched =
        ((first - 16) * 255 + (first < 16 ? -109 : 109)) / 219;
    const int grey = source.limited ? clamped(stretched, 0, 255) : first;
    return {{grey, grey, grey}};
  }
  const int second = sample(source.samples[1], x, y);
  const int third = sample(source.samples[2], x, y);
  if (!source.yuv)
    return {{first, second, third}};
  const float luma =
      (static_cast<float>(first) - source.y_offset) * source.y_scale;
  Color color{};
  for (int i = 0; i < 3; ++i)
    color.value[i] =
        to_byte(luma + static_cast<float>(second - 128) * source.u[i] +
                static_cast<float>(third - 128) * source.v[i]);
  return color;
}

}  // namespace torchclassify::cuda
