// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/byte_path.h"

#include <algorithm>

namespace torchclassify {

void BytePath::run(const ImageView& image, float* output) {
  const Geometry geometry =
      geometry_of(image.width, image.height, preprocessing_);
  resizer_.load(image, geometry, preprocessing_.interpolation,
                preprocessing_.channels);
  const std::ptrdiff_t width = preprocessing_.crop_width;
  const auto left =
      static_cast<int>(std::max<std::int64_t>(0, -geometry.x.first));
  const auto top =
      static_cast<int>(std::max<std::int64_t>(0, -geometry.y.first));
  const std::ptrdiff_t plane = width * preprocessing_.crop_height;
  const int channels = resizer_.channels();
  for (int channel = 0; channel < preprocessing_.channels; ++channel)
    std::fill_n(output + channel * plane, plane,
                normaliser_.of_byte(channel, static_cast<std::uint8_t>(
                                                 preprocessing_.pad_value)));
  for (int y = 0; y < resizer_.height(); ++y) {
    const std::uint8_t* const row = resizer_.row(y);
    float* to = output + (top + y) * width + left;
    for (int channel = 0; channel < preprocessing_.channels;
         ++channel, to += plane) {
      const std::uint8_t* pixel = row + std::min(channel, channels - 1);
      for (int x = 0; x < resizer_.width(); ++x, pixel += channels)
        to[x] = normaliser_.of_byte(channel, *pixel);
    }
  }
}

}  // namespace torchclassify
