// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/self_check.h"

namespace torchclassify {

ImageView Picture8::view() const {
  ImageView view;
  view.width = width;
  view.height = height;
  view.format = PixelFormat::kRgb;
  view.planes[0] = {.data = pixels.data(),
                    .stride = std::ptrdiff_t{3} * width,
                    .size = pixels.size()};
  return view;
}

Picture8 self_check_picture(int width, int height) {
  Picture8 picture{.width = width, .height = height, .pixels = {}};
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (int channel = 0; channel < 3; ++channel)
        picture.pixels.push_back(static_cast<std::uint8_t>(
            7 * x + 13 * y + 29 * channel + x * y / 8));
    }
  }
  return picture;
}

}  // namespace torchclassify
