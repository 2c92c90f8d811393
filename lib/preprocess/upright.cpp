// SPDX-License-Identifier: LGPL-2.1-or-later
// Pillow: src/libImaging/Geometry.c.
#include "preprocess/upright.h"

#include <algorithm>

#include "preprocess/color_reader.h"
#include "preprocess/turn.h"

namespace torchclassify {
namespace {

// A position along a side of the part: between two pixels, or at an edge.
struct Between {
  Between(double position, int side) {
    // Far outside is as one pixel outside: the edge is all there is.
    const double middle = std::clamp<double>(position - 0.5, -1, side);
    const int below = static_cast<int>(middle + 1) - 1;
    share = middle - below;
    low = std::clamp(below, 0, side - 1);
    high = std::clamp(below + 1, 0, side - 1);
  }

  int low;
  int high;
  double share;  // of high
};

// Colours, three bytes each, without padding.
struct Pixels {
  const std::uint8_t* at(int x, int y) const {
    return first + (std::ptrdiff_t{y} * width + x) * 3;
  }

  void blend(const Point& point, std::uint8_t* to) const {
    const Between x(point.x, width);
    const Between y(point.y, height);
    const std::uint8_t* a = at(x.low, y.low);
    const std::uint8_t* b = at(x.high, y.low);
    const std::uint8_t* c = at(x.low, y.high);
    const std::uint8_t* d = at(x.high, y.high);
    for (int i = 0; i < 3; ++i) {
      const double top = a[i] + (b[i] - a[i]) * x.share;
      const double bottom = c[i] + (d[i] - c[i]) * x.share;
      to[i] = static_cast<std::uint8_t>(top + (bottom - top) * y.share);
    }
  }

  const std::uint8_t* first;
  int width;
  int height;
};

std::size_t bytes_of(int width, int height) {
  return std::size_t{3} * static_cast<std::size_t>(width) *
         static_cast<std::size_t>(height);
}

}  // namespace

ImageView Upright::of(const ImageView& image) {
  if (!image.turned)
    return image;
  part_.resize(bytes_of(image.width, image.height));
  const ColorReader colors(image);
  for (int y = 0; y < image.height; ++y)
    colors.read_row(y, part_.data() + bytes_of(image.width, y));

  const Turn turn(image);
  const Pixels part{part_.data(), image.width, image.height};
  upright_.resize(bytes_of(turn.width, turn.height));
  std::uint8_t* to = upright_.data();
  for (int y = 0; y < turn.height; ++y) {
    for (int x = 0; x < turn.width; ++x, to += 3)
      part.blend(turn.source(x, y), to);
  }

  ImageView view;
  view.width = turn.width;
  view.height = turn.height;
  view.format = PixelFormat::kRgb;
  view.range = ColorRange::kFull;
  view.planes[0] = {upright_.data(), std::ptrdiff_t{3} * turn.width,
                    upright_.size()};
  return view;
}

}  // namespace torchclassify
