// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/geometry.h"

#include <algorithm>
#include <cmath>

namespace torchclassify {
namespace {

// Resize(size): the longer side in Python's int(size * long / short).
std::int64_t longer_side(int size, int longer, int shorter) {
  return static_cast<std::int64_t>(
      static_cast<double>(std::int64_t{size} * longer) / shorter);
}

Geometry centred(int width, int height, std::int64_t resized_width,
                 std::int64_t resized_height, const Preprocessing& to) {
  return {{width, resized_width, centre_offset(resized_width, to.crop_width),
           to.crop_width},
          {height, resized_height,
           centre_offset(resized_height, to.crop_height), to.crop_height}};
}

// side * numerator / denominator, rounded, at least 1.
std::int64_t scaled(std::int64_t side, std::int64_t numerator,
                    std::int64_t denominator) {
  return std::max<std::int64_t>(
      1, (side * numerator + denominator / 2) / denominator);
}

}  // namespace

// Padding goes half to each side, rounded down at the beginning; a
// crop begins at half of what is left, ties to even as Python's round().
std::int64_t centre_offset(std::int64_t resized, int crop) {
  if (crop > resized)
    return -((crop - resized) / 2);
  return static_cast<std::int64_t>(
      std::nearbyint(static_cast<double>(resized - crop) / 2.0));
}

Geometry geometry_of(int width, int height, const Preprocessing& to) {
  switch (to.resize_mode) {
    case ResizeMode::kShorterSide: {
      const bool wide = width > height;
      const std::int64_t longer = longer_side(
          to.resize_size, std::max(width, height), std::min(width, height));
      return centred(width, height, wide ? longer : to.resize_size,
                     wide ? to.resize_size : longer, to);
    }
    case ResizeMode::kLetterbox: {
      const bool wide = std::int64_t{to.crop_width} * height <=
                        std::int64_t{to.crop_height} * width;
      return centred(
          width, height,
          wide ? to.crop_width : scaled(width, to.crop_height, height),
          wide ? scaled(height, to.crop_width, width) : to.crop_height, to);
    }
    case ResizeMode::kSquash:
      break;
  }
  return centred(width, height, to.crop_width, to.crop_height, to);
}

}  // namespace torchclassify
