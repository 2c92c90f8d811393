// SPDX-License-Identifier: LGPL-2.1-or-later
// Pillow: src/libImaging/Geometry.c.
#include "preprocess/upright.h"

#include <algorithm>
#include <cmath>

#include "preprocess/color_reader.h"

namespace torchclassify {
namespace {

struct Point {
  double x;
  double y;
};

int whole_pixels(double side) {
  return std::clamp(static_cast<int>(std::lround(side)), 1, kMaxImageSide);
}

// Where the middle of a pixel of the upright picture is in the planes.
class Turn {
 public:
  Turn(const TurnedBox& box, int width, int height) {
    const double cosine = std::cos(box.rotation);
    const double sine = std::sin(box.rotation);
    across_ = {cosine * (box.width / width), sine * (box.width / width)};
    down_ = {-sine * (box.height / height), cosine * (box.height / height)};
    corner_ = {box.center_x - cosine * box.width / 2 + sine * box.height / 2,
               box.center_y - sine * box.width / 2 - cosine * box.height / 2};
  }

  Point source(int column, int row) const {
    return {across_.x * (column + 0.5) + down_.x * (row + 0.5) + corner_.x,
            across_.y * (column + 0.5) + down_.y * (row + 0.5) + corner_.y};
  }

 private:
  Point across_{};  // from one pixel to the next
  Point down_{};
  Point corner_{};
};

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

  TurnedBox box = *image.turned;
  box.center_x -= image.x;
  box.center_y -= image.y;
  const int width = whole_pixels(box.width);
  const int height = whole_pixels(box.height);
  const Turn turn(box, width, height);
  const Pixels part{part_.data(), image.width, image.height};
  upright_.resize(bytes_of(width, height));
  std::uint8_t* to = upright_.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, to += 3) part.blend(turn.source(x, y), to);
  }

  ImageView view;
  view.width = width;
  view.height = height;
  view.format = PixelFormat::kRgb;
  view.range = ColorRange::kFull;
  view.planes[0] = {upright_.data(), std::ptrdiff_t{3} * width,
                    upright_.size()};
  return view;
}

}  // namespace torchclassify
