// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/color.h"

#include <algorithm>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

struct LumaWeights {
  double red;
  double blue;
};

LumaWeights luma_weights(ColorMatrix matrix) {
  switch (matrix) {
    case ColorMatrix::kBt601:
      return {0.299, 0.114};
    case ColorMatrix::kBt709:
      return {0.2126, 0.0722};
    case ColorMatrix::kBt2020:
      return {0.2627, 0.0593};
    case ColorMatrix::kFcc:
      return {0.30, 0.11};
    case ColorMatrix::kSmpte240m:
      return {0.212, 0.087};
  }
  throw Error(ErrorCode::kInvalidArgument, "expected a known colour matrix");
}

}  // namespace

YuvToRgb yuv_to_rgb(ColorMatrix matrix, ColorRange range) {
  const auto [red, blue] = luma_weights(matrix);
  const double green = 1.0 - red - blue;
  const bool limited = range == ColorRange::kLimited;
  const double chroma = limited ? 255.0 / 224.0 : 1.0;
  const double red_v = 2 * (1 - red) * chroma;
  const double blue_u = 2 * (1 - blue) * chroma;
  return {
      .y_offset = limited ? 16.0f : 0.0f,
      .y_scale = limited ? 255.0f / 219.0f : 1.0f,
      .u = {0.0f, static_cast<float>(-blue_u * blue / green),
            static_cast<float>(blue_u)},
      .v = {static_cast<float>(red_v), static_cast<float>(-red_v * red / green),
            0.0f},
  };
}

std::uint8_t full_range_grey(std::uint8_t sample) {
  const int stretched =
      ((sample - 16) * 255 + (sample < 16 ? -109 : 109)) / 219;
  return static_cast<std::uint8_t>(std::clamp(stretched, 0, 255));
}

}  // namespace torchclassify
