// SPDX-License-Identifier: LGPL-2.1-or-later
// The definition of preprocessing, in the plainest words.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "preprocess/color.h"
#include "preprocess/color_reader.h"
#include "preprocess/geometry.h"
#include "preprocess/normalise.h"
#include "preprocess/preprocess.h"
#include "preprocess/resample.h"
#include "preprocess/upright.h"

namespace torchclassify {
namespace {

// 8-bit samples, channels interleaved.
struct Raster {
  Raster(std::int64_t width, std::int64_t height, int channels)
      : width(width),
        height(height),
        channels(channels),
        bytes(static_cast<std::size_t>(width * height * channels)) {}

  std::uint8_t& at(std::int64_t x, std::int64_t y, int channel) {
    return bytes[static_cast<std::size_t>((y * width + x) * channels +
                                          channel)];
  }

  std::int64_t width;
  std::int64_t height;
  int channels;
  std::vector<std::uint8_t> bytes;
};

Raster decode(const ImageView& image, int channels) {
  const ColorReader colors(image);
  Raster raster(image.width, image.height, channels);
  std::vector<std::uint8_t> row(std::size_t{3} *
                                static_cast<std::size_t>(image.width));
  for (int y = 0; y < image.height; ++y) {
    colors.read_row(y, row.data());
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* rgb = row.data() + std::ptrdiff_t{3} * x;
      if (channels == 1)
        raster.at(x, y, 0) =
            colors.is_grey() ? rgb[0] : luma(rgb[0], rgb[1], rgb[2]);
      for (int i = 0; channels == 3 && i < 3; ++i) raster.at(x, y, i) = rgb[i];
    }
  }
  return raster;
}

Raster resize_rows(Raster& from, const std::vector<Taps>& taps) {
  Raster to(static_cast<std::int64_t>(taps.size()), from.height, from.channels);
  for (std::int64_t y = 0; y < to.height; ++y) {
    for (std::int64_t x = 0; x < to.width; ++x) {
      const Taps& tap = taps[static_cast<std::size_t>(x)];
      for (int channel = 0; channel < to.channels; ++channel) {
        std::int32_t sum = kRounding;
        for (std::size_t i = 0; i < tap.weights.size(); ++i)
          sum += from.at(tap.first + static_cast<std::int64_t>(i), y, channel) *
                 fixed_weight(tap.weights[i]);
        to.at(x, y, channel) = clip_to_byte(sum);
      }
    }
  }
  return to;
}

Raster resize_columns(Raster& from, const std::vector<Taps>& taps) {
  Raster to(from.width, static_cast<std::int64_t>(taps.size()), from.channels);
  for (std::int64_t y = 0; y < to.height; ++y) {
    const Taps& tap = taps[static_cast<std::size_t>(y)];
    for (std::int64_t x = 0; x < to.width; ++x) {
      for (int channel = 0; channel < to.channels; ++channel) {
        std::int32_t sum = kRounding;
        for (std::size_t i = 0; i < tap.weights.size(); ++i)
          sum += from.at(x, tap.first + static_cast<std::int64_t>(i), channel) *
                 fixed_weight(tap.weights[i]);
        to.at(x, y, channel) = clip_to_byte(sum);
      }
    }
  }
  return to;
}

}  // namespace

void preprocess_reference(const ImageView& given,
                          const Preprocessing& preprocessing, float* output) {
  check_preprocessing(preprocessing);
  check_image(given);
  Upright upright;
  const ImageView image = upright.of(given);
  const Geometry geometry =
      geometry_of(image.width, image.height, preprocessing);
  Raster picture = decode(image, preprocessing.channels);
  Raster rows = resize_rows(
      picture, resample_taps(geometry.x, preprocessing.interpolation));
  Raster resized = resize_columns(
      rows, resample_taps(geometry.y, preprocessing.interpolation));

  const Normaliser normaliser(preprocessing);
  const std::int64_t left = std::max<std::int64_t>(0, -geometry.x.first);
  const std::int64_t top = std::max<std::int64_t>(0, -geometry.y.first);
  for (int channel = 0; channel < preprocessing.channels; ++channel) {
    for (int y = 0; y < preprocessing.crop_height; ++y) {
      for (int x = 0; x < preprocessing.crop_width; ++x) {
        const bool inside = x >= left && x < left + resized.width && y >= top &&
                            y < top + resized.height;
        *output++ = normaliser.of_byte(
            channel, inside
                         ? resized.at(x - left, y - top, channel)
                         : static_cast<std::uint8_t>(preprocessing.pad_value));
      }
    }
  }
}

}  // namespace torchclassify
