// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/pixel_layout.h"

#include <algorithm>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr PixelLayout packed_rgb(int r, int g, int b, int bytes) {
  return {1,
          3,
          false,
          {{{0, r, bytes, 0, 0}, {0, g, bytes, 0, 0}, {0, b, bytes, 0, 0}}}};
}

constexpr PixelLayout semi_planar(int u, int v) {
  return {2, 3, true, {{{0, 0, 1, 0, 0}, {1, u, 2, 1, 1}, {1, v, 2, 1, 1}}}};
}

// Samples of two bytes, of which the second is the upper one.
constexpr PixelLayout semi_planar_16(int u, int v) {
  return {2,
          3,
          true,
          {{{0, 1, 2, 0, 0}, {1, u + 1, 4, 1, 1}, {1, v + 1, 4, 1, 1}}}};
}

constexpr PixelLayout planar(int u, int v) {
  return {3, 3, true, {{{0, 0, 1, 0, 0}, {u, 0, 1, 1, 1}, {v, 0, 1, 1, 1}}}};
}

constexpr PixelLayout packed_yuv(int y, int u, int v) {
  return {1, 3, true, {{{0, y, 2, 0, 0}, {0, u, 4, 1, 0}, {0, v, 4, 1, 0}}}};
}

}  // namespace

PixelLayout layout_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::kNv12:
      return semi_planar(0, 1);
    case PixelFormat::kNv21:
      return semi_planar(1, 0);
    case PixelFormat::kI420:
      return planar(1, 2);
    case PixelFormat::kYv12:
      return planar(2, 1);
    case PixelFormat::kYuy2:
      return packed_yuv(0, 1, 3);
    case PixelFormat::kUyvy:
      return packed_yuv(1, 0, 2);
    case PixelFormat::kRgb:
      return packed_rgb(0, 1, 2, 3);
    case PixelFormat::kBgr:
      return packed_rgb(2, 1, 0, 3);
    case PixelFormat::kRgbx:
    case PixelFormat::kRgba:
      return packed_rgb(0, 1, 2, 4);
    case PixelFormat::kBgrx:
    case PixelFormat::kBgra:
      return packed_rgb(2, 1, 0, 4);
    case PixelFormat::kXrgb:
      return packed_rgb(1, 2, 3, 4);
    case PixelFormat::kXbgr:
      return packed_rgb(3, 2, 1, 4);
    case PixelFormat::kP010:
      return semi_planar_16(0, 2);
    case PixelFormat::kGray8:
      return {1, 1, false, {{{0, 0, 1, 0, 0}}}};
  }
  throw Error(ErrorCode::kInvalidArgument, "expected a known pixel format");
}

PlaneSize plane_size(PixelFormat format, int plane, int width, int height) {
  const PixelLayout layout = layout_of(format);
  PlaneSize size{0, height};
  for (int i = 0; i < layout.components; ++i) {
    const Component& component = layout.component[i];
    if (component.plane != plane)
      continue;
    // A packed group (Y U Y V, one pixel's colours) is there whole.
    const std::ptrdiff_t samples =
        (width + (1 << component.shift_x) - 1) >> component.shift_x;
    size.row_bytes = std::max(size.row_bytes, samples * component.step);
    size.rows = (height + (1 << component.shift_y) - 1) >> component.shift_y;
  }
  return size;
}

}  // namespace torchclassify
