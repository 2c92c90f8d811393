// SPDX-License-Identifier: LGPL-2.1-or-later
// Heat maps as colours on pictures.
#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "preprocess/geometry.h"
#include "preprocess/preprocess.h"
#include "torchclassify/error.h"
#include "torchclassify/train/explain.h"

namespace torchclassify {
namespace {

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

constexpr float kStrongest = 0.65f;  // share of the colour where the map is 1
constexpr float kUnseen = 0.35f;  // brightness of what the model does not get

// Its lightness rises evenly, so that no step looks larger than it is.
Palette make_palette() {
  cv::Mat ramp(1, 256, CV_8UC1);
  for (int i = 0; i < ramp.cols; ++i)
    ramp.at<std::uint8_t>(i) = static_cast<std::uint8_t>(i);
  cv::Mat colors;
  cv::applyColorMap(ramp, colors, cv::COLORMAP_INFERNO);  // BGR
  Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i) {
    const auto& color = colors.at<cv::Vec3b>(static_cast<int>(i));
    palette[i] = {color[2], color[1], color[0]};
  }
  return palette;
}

std::uint8_t byte_of(float value) {
  return static_cast<std::uint8_t>(std::lround(value));
}

void warm(std::uint8_t* rgb, float strength) {
  static const Palette palette = make_palette();
  const auto& color = palette[byte_of(strength * 255)];
  for (std::size_t c = 0; c < color.size(); ++c)
    rgb[c] = byte_of(rgb[c] + kStrongest * strength *
                                  static_cast<float>(color[c] - rgb[c]));
}

void darken(std::uint8_t* rgb) {
  for (int c = 0; c < 3; ++c) rgb[c] = byte_of(kUnseen * rgb[c]);
}

void check_map(const HeatMap& map, const Preprocessing& shape) {
  const auto size = static_cast<std::size_t>(shape.crop_width) *
                    static_cast<std::size_t>(shape.crop_height);
  if (map.width != shape.crop_width || map.height != shape.crop_height ||
      map.values.size() != size)
    throw Error(
        ErrorCode::kInvalidArgument,
        "expected a map of the crop's " + std::to_string(shape.crop_width) +
            "x" + std::to_string(shape.crop_height) + " values, got " +
            std::to_string(map.values.size()) + " as " +
            std::to_string(map.width) + "x" + std::to_string(map.height));
  for (const float value : map.values) {
    if (!(value >= 0 && value <= 1))
      throw Error(ErrorCode::kInvalidArgument,
                  "expected heat in [0, 1], got " + std::to_string(value));
  }
}

Picture as_rgb(const Picture& picture) {
  if (picture.channels == 3)
    return picture;
  Picture rgb{.width = picture.width, .height = picture.height};
  rgb.pixels.reserve(picture.pixels.size() * 3);
  for (const std::uint8_t value : picture.pixels)
    rgb.pixels.insert(rgb.pixels.end(), 3, value);
  return rgb;
}

// Where a pixel of the whole picture lies on an axis of the map.
struct Place {
  bool inside;
  std::size_t before, behind;  // neighbours
  float share;                 // of the one behind
};

std::vector<Place> places_on(const Axis& axis) {
  const auto scale =
      static_cast<double>(axis.resized) / static_cast<double>(axis.source);
  const double last = axis.size - 1;
  std::vector<Place> places;
  for (std::int64_t i = 0; i < axis.source; ++i) {
    const double at = (static_cast<double>(i) + 0.5) * scale -
                      static_cast<double>(axis.first) - 0.5;
    const double near = std::clamp(at, 0.0, last);
    const double before = std::floor(near);
    places.push_back({.inside = at >= -0.5 && at <= last + 0.5,
                      .before = static_cast<std::size_t>(before),
                      .behind = static_cast<std::size_t>(std::ceil(near)),
                      .share = static_cast<float>(near - before)});
  }
  return places;
}

float heat_at(const HeatMap& map, const Place& x, const Place& y) {
  const auto in_row = [&](std::size_t row) {
    const float* const values =
        map.values.data() + row * static_cast<std::size_t>(map.width);
    return std::lerp(values[x.before], values[x.behind], x.share);
  };
  return std::clamp(std::lerp(in_row(y.before), in_row(y.behind), y.share),
                    0.0f, 1.0f);
}

}  // namespace

Picture model_view(const Picture& picture, const Preprocessing& preprocessing) {
  Preprocessing plain = preprocessing;
  const auto channels = static_cast<std::size_t>(plain.channels);
  plain.mean.assign(channels, 0.0f);
  plain.std.assign(channels, 1.0f);
  Preprocessor preprocessor(plain);
  std::vector<float> planes(input_size(plain));
  preprocessor.run(picture.view(), planes.data());

  Picture view{.width = plain.crop_width,
               .height = plain.crop_height,
               .channels = plain.channels};
  const std::size_t pixels = planes.size() / channels;
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < channels; ++c)
      view.pixels.push_back(byte_of(planes[c * pixels + i] * 255));
  }
  return as_rgb(view);
}

Picture overlay(const Picture& picture, const Preprocessing& preprocessing,
                const HeatMap& map) {
  check_map(map, preprocessing);
  Picture view = model_view(picture, preprocessing);
  std::uint8_t* pixel = view.pixels.data();
  for (const float value : map.values) {
    warm(pixel, value);
    pixel += 3;
  }
  return view;
}

Picture whole_overlay(const Picture& picture,
                      const Preprocessing& preprocessing, const HeatMap& map) {
  check_map(map, preprocessing);
  check_preprocessing(preprocessing);
  check_image(picture.view());
  const Geometry geometry =
      geometry_of(picture.width, picture.height, preprocessing);
  const auto columns = places_on(geometry.x);
  Picture whole = as_rgb(picture);
  std::uint8_t* pixel = whole.pixels.data();
  for (const Place& y : places_on(geometry.y)) {
    for (const Place& x : columns) {
      if (x.inside && y.inside)
        warm(pixel, heat_at(map, x, y));
      else
        darken(pixel);
      pixel += 3;
    }
  }
  return whole;
}

std::vector<std::uint8_t> encode_png(const Picture& picture) {
  check_image(picture.view());
  Picture rgb = as_rgb(picture);
  const cv::Mat image(rgb.height, rgb.width, CV_8UC3, rgb.pixels.data());
  cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".png", image, bytes);
  return bytes;
}

}  // namespace torchclassify
