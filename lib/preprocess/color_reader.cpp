// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/color_reader.h"

#include <algorithm>

namespace torchclassify {
namespace {

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
}

}  // namespace

// One component's in a row of pixels.
struct ColorReader::Samples {
  std::uint8_t at(int x) const { return first[(x >> shift) * step]; }

  const std::uint8_t* first;
  std::ptrdiff_t step;
  int shift;
};

ColorReader::ColorReader(const ImageView& image)
    : image_(image),
      layout_(layout_of(image.format)),
      matrix_(yuv_to_rgb(image.matrix, image.range)) {}

ColorReader::Samples ColorReader::samples(int component, int row) const {
  const Component& where = layout_.component[component];
  const Plane& plane = image_.planes[where.plane];
  return {plane.data + (row >> where.shift_y) * plane.stride + where.offset,
          where.step, where.shift_x};
}

void ColorReader::read_grey(int row, std::uint8_t* rgb) const {
  const Samples grey = samples(0, row);
  const bool limited = image_.range == ColorRange::kLimited;
  for (int x = image_.x; x < image_.x + image_.width; ++x, rgb += 3) {
    const std::uint8_t sample = grey.at(x);
    rgb[0] = rgb[1] = rgb[2] = limited ? full_range_grey(sample) : sample;
  }
}

void ColorReader::read_rgb(int row, std::uint8_t* rgb) const {
  for (int i = 0; i < 3; ++i) {
    const Samples from = samples(i, row);
    for (int x = 0; x < image_.width; ++x)
      rgb[3 * x + i] = from.at(image_.x + x);
  }
}

void ColorReader::read_yuv(int row, std::uint8_t* rgb) const {
  const Samples luma = samples(0, row);
  const Samples first_chroma = samples(1, row);
  const Samples second_chroma = samples(2, row);
  const YuvToRgb matrix = matrix_;
  for (int x = image_.x; x < image_.x + image_.width; ++x, rgb += 3) {
    const float y = (luma.at(x) - matrix.y_offset) * matrix.y_scale;
    const float u = first_chroma.at(x) - 128;
    const float v = second_chroma.at(x) - 128;
    for (int i = 0; i < 3; ++i)
      rgb[i] = to_byte(y + u * matrix.u[i] + v * matrix.v[i]);
  }
}

void ColorReader::read_row(int row, std::uint8_t* rgb) const {
  if (is_grey())
    read_grey(image_.y + row, rgb);
  else if (layout_.yuv)
    read_yuv(image_.y + row, rgb);
  else
    read_rgb(image_.y + row, rgb);
}

}  // namespace torchclassify
