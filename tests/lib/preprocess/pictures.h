// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures by formula, in every pixel format.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "preprocess/pixel_layout.h"
#include "torchclassify/image.h"

namespace support {

// Owns the pixels of its view. Rows are padded with bytes that would show.
struct Picture {
  torchclassify::ImageView view;
  std::array<std::vector<std::uint8_t>, 3> planes;
};

// value(component, x, y): the sample of component 0 to 2 (R G B, Y U V, or
// grey) at this place of its own plane.
template <typename Value>
Picture make_picture(torchclassify::PixelFormat format, int width, int height,
                     int row_padding, Value&& value) {
  Picture picture;
  picture.view.format = format;
  picture.view.width = width;
  picture.view.height = height;
  const auto layout = torchclassify::layout_of(format);
  for (int i = 0; i < layout.planes; ++i) {
    const auto size = torchclassify::plane_size(format, i, width, height);
    const auto stride = size.row_bytes + row_padding;
    picture.planes[i].assign(static_cast<std::size_t>(stride * size.rows), 99);
    picture.view.planes[i] = {picture.planes[i].data(), stride,
                              picture.planes[i].size()};
  }
  for (int i = 0; i < layout.components; ++i) {
    const auto& where = layout.component[i];
    const auto stride = picture.view.planes[where.plane].stride;
    for (int y = 0; y < (height + (1 << where.shift_y) - 1) >> where.shift_y;
         ++y)
      for (int x = 0; x < (width + (1 << where.shift_x) - 1) >> where.shift_x;
           ++x)
        picture.planes[where.plane][static_cast<std::size_t>(
            y * stride + x * where.step + where.offset)] = value(i, x, y);
  }
  return picture;
}

// record.py's picture.
inline std::uint8_t recorded_value(int channel, int x, int y) {
  return static_cast<std::uint8_t>(7 * x + 13 * y + 29 * channel + x * y / 8);
}

}  // namespace support
