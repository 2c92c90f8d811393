// SPDX-License-Identifier: LGPL-2.1-or-later
// Where each format keeps its components.
#pragma once

#include <array>
#include <cstddef>

#include "torchclassify/image.h"

namespace torchclassify {

// One component's samples: plane, first byte in a row, bytes from one sample to
// the next, and by how many bits its width and height are halved.
struct Component {
  int plane;
  int offset;
  int step;
  int shift_x;
  int shift_y;
};

struct PixelLayout {
  int planes;
  int components;  // 1: grey, 3: R G B or Y U V, in that order
  bool yuv;
  std::array<Component, 3> component;
};

PixelLayout layout_of(PixelFormat format);

struct PlaneSize {
  std::ptrdiff_t row_bytes;
  std::ptrdiff_t rows;
};
PlaneSize plane_size(PixelFormat format, int plane, int width, int height);

}  // namespace torchclassify
