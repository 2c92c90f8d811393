// SPDX-License-Identifier: LGPL-2.1-or-later
// What the definition and the fast path make of a picture, in every format.
#pragma once

#include <cmath>
#include <vector>

#include "preprocess/preprocess.h"
#include "torchclassify/image.h"

namespace support {

struct Format {
  const char* name;
  torchclassify::PixelFormat format;
  bool exact;  // the fast path gives the definition's bits
};
inline constexpr Format kFormats[] = {
    {"rgb", torchclassify::PixelFormat::kRgb, true},
    {"bgr", torchclassify::PixelFormat::kBgr, true},
    {"rgbx", torchclassify::PixelFormat::kRgbx, true},
    {"bgrx", torchclassify::PixelFormat::kBgrx, true},
    {"xrgb", torchclassify::PixelFormat::kXrgb, true},
    {"xbgr", torchclassify::PixelFormat::kXbgr, true},
    {"rgba", torchclassify::PixelFormat::kRgba, true},
    {"bgra", torchclassify::PixelFormat::kBgra, true},
    {"gray8", torchclassify::PixelFormat::kGray8, true},
    {"nv12", torchclassify::PixelFormat::kNv12, false},
    {"nv21", torchclassify::PixelFormat::kNv21, false},
    {"i420", torchclassify::PixelFormat::kI420, false},
    {"yv12", torchclassify::PixelFormat::kYv12, false},
    {"yuy2", torchclassify::PixelFormat::kYuy2, false},
    {"uyvy", torchclassify::PixelFormat::kUyvy, false},
    {"p010", torchclassify::PixelFormat::kP010, false},
};

// For make_picture(): colours inside the gamut, so that only rounding separates
// the paths.
inline std::uint8_t soft_value(int component, int x, int y) {
  return static_cast<std::uint8_t>((component == 0 ? 110 : 120) +
                                   (7 * x + 13 * y + 5 * component) % 23);
}

// Bytes, divided by 255.
inline torchclassify::Preprocessing bytes_out(int channels) {
  torchclassify::Preprocessing to;
  to.channels = channels;
  to.mean.assign(static_cast<std::size_t>(channels), 0.0f);
  to.std.assign(static_cast<std::size_t>(channels), 1.0f);
  return to;
}

// The same of a whole picture, of this size.
inline torchclassify::Preprocessing bytes_of(int width, int height,
                                             int channels = 3) {
  torchclassify::Preprocessing to = bytes_out(channels);
  to.resize_mode = torchclassify::ResizeMode::kSquash;
  to.crop_width = width;
  to.crop_height = height;
  return to;
}

inline std::vector<float> reference(const torchclassify::ImageView& image,
                                    const torchclassify::Preprocessing& to) {
  std::vector<float> output(input_size(to), NAN);
  preprocess_reference(image, to, output.data());
  return output;
}

inline std::vector<float> fast(const torchclassify::ImageView& image,
                               const torchclassify::Preprocessing& to) {
  std::vector<float> output(input_size(to), NAN);
  torchclassify::Preprocessor(to).run(image, output.data());
  return output;
}

}  // namespace support
