// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/crop_box.h"

#include <cmath>

namespace torchclassify {
namespace {

constexpr int kTries = 10;

// Python's int(round(value)).
int rounded(double value) { return static_cast<int>(std::nearbyint(value)); }

// Anywhere that the rectangle lies inside the picture.
PixelRect placed(int width, int height, int inside_width, int inside_height,
                 KeyedRandom& random) {
  const auto offset = [&](int room) {
    return static_cast<int>(random.below(static_cast<std::uint64_t>(room) + 1));
  };
  const int y = offset(inside_height - height);
  const int x = offset(inside_width - width);
  return {x, y, width, height};
}

double log_uniform(double low, double high, KeyedRandom& random) {
  return std::exp(random.uniform(std::log(low), std::log(high)));
}

PixelRect middle(int width, int height, const AugmentOptions& options) {
  const double ratio = static_cast<double>(width) / height;
  PixelRect box{0, 0, width, height};
  if (ratio < options.crop_ratio_min)
    box.height = rounded(width / options.crop_ratio_min);
  else if (ratio > options.crop_ratio_max)
    box.width = rounded(height * options.crop_ratio_max);
  box.x = (width - box.width) / 2;
  box.y = (height - box.height) / 2;
  return box;
}

}  // namespace

PixelRect random_crop_box(int width, int height, const AugmentOptions& options,
                          KeyedRandom& random) {
  const double area = static_cast<double>(width) * height;
  for (int i = 0; i < kTries; ++i) {
    const double target =
        area * random.uniform(options.crop_scale_min, options.crop_scale_max);
    const double ratio =
        log_uniform(options.crop_ratio_min, options.crop_ratio_max, random);
    const int w = rounded(std::sqrt(target * ratio));
    const int h = rounded(std::sqrt(target / ratio));
    if (w > 0 && w <= width && h > 0 && h <= height)
      return placed(w, h, width, height, random);
  }
  return middle(width, height, options);
}

std::optional<PixelRect> random_erasure(int width, int height,
                                        KeyedRandom& random) {
  const double area = static_cast<double>(width) * height;
  for (int i = 0; i < kTries; ++i) {
    const double target = area * random.uniform(0.02, 0.33);
    const double ratio = log_uniform(0.3, 3.3, random);
    const int h = rounded(std::sqrt(target * ratio));
    const int w = rounded(std::sqrt(target / ratio));
    if (w < width && h < height) {
      if (w == 0 || h == 0)
        return std::nullopt;
      return placed(w, h, width, height, random);
    }
  }
  return std::nullopt;
}

}  // namespace torchclassify
