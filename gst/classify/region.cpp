// SPDX-License-Identifier: LGPL-2.1-or-later
#include "region.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace torchclassify {
namespace {

int first_pixel(double edge, int side) {
  return static_cast<int>(std::llround(std::clamp<double>(edge, 0, side)));
}

std::int64_t common(int a, int a_length, int b, int b_length) {
  const std::int64_t begin = std::max(a, b);
  const std::int64_t end = std::min(std::int64_t{a} + a_length,  //
                                    std::int64_t{b} + b_length);
  return std::max<std::int64_t>(0, end - begin);
}

std::int64_t area(const Box& box) {
  return std::int64_t{box.width} * box.height;
}

// Along the sides of a rotated object, from its middle, in pixels.
class Axes {
 public:
  explicit Axes(const Object& object)
      : center_x_(object.x + object.width / 2),
        center_y_(object.y + object.height / 2),
        sine_(std::sin(object.rotation)),
        cosine_(std::cos(object.rotation)) {}

  double across(double x, double y) const {
    return (x - center_x_) * cosine_ + (y - center_y_) * sine_;
  }
  double down(double x, double y) const {
    return (y - center_y_) * cosine_ - (x - center_x_) * sine_;
  }
  double x(double across, double down) const {
    return center_x_ + across * cosine_ - down * sine_;
  }
  double y(double across, double down) const {
    return center_y_ + across * sine_ + down * cosine_;
  }

 private:
  double center_x_;
  double center_y_;
  double sine_;
  double cosine_;
};

class Extent {
 public:
  void add(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  // What is further from 0 than this.
  void cut(double half) {
    low_ = std::max(low_, -half);
    high_ = std::min(high_, half);
  }
  double length() const { return high_ - low_; }
  double middle() const { return (low_ + high_) / 2; }

 private:
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

// What of a rotated object may be in the frame: the same rectangle, cut at its
// own sides.
std::optional<TurnedBox> cut_at_sides(const Object& object, int frame_width,
                                      int frame_height) {
  // Also for what is not a number.
  if (!(object.width > 0 && object.height > 0))
    return std::nullopt;
  const Axes axes(object);
  // Where the frame is, seen from the object's middle along its sides.
  Extent across;
  Extent down;
  for (const int x : {0, frame_width}) {
    for (const int y : {0, frame_height}) {
      across.add(axes.across(x, y));
      down.add(axes.down(x, y));
    }
  }
  across.cut(object.width / 2);
  down.cut(object.height / 2);
  // Neither are numbers where it lies or turns at infinity.
  if (!(across.length() > 0 && down.length() > 0))
    return std::nullopt;
  return TurnedBox{.center_x = axes.x(across.middle(), down.middle()),
                   .center_y = axes.y(across.middle(), down.middle()),
                   .width = std::min<double>(across.length(), kMaxImageSide),
                   .height = std::min<double>(down.length(), kMaxImageSide),
                   .rotation = object.rotation};
}

std::optional<Box> box_around(const TurnedBox& turned, int frame_width,
                              int frame_height) {
  const double sine = std::fabs(std::sin(turned.rotation));
  const double cosine = std::fabs(std::cos(turned.rotation));
  const double width = turned.width * cosine + turned.height * sine;
  const double height = turned.width * sine + turned.height * cosine;
  return clip_to_frame(turned.center_x - width / 2,
                       turned.center_y - height / 2, width, height, frame_width,
                       frame_height);
}

}  // namespace

std::optional<Box> clip_to_frame(double x, double y, double width,
                                 double height, int frame_width,
                                 int frame_height) {
  // Also false for what is not a number.
  const bool usable =
      std::isfinite(x) && std::isfinite(y) && width > 0 && height > 0;
  if (!usable)
    return std::nullopt;
  const int left = first_pixel(x, frame_width);
  const int top = first_pixel(y, frame_height);
  const int right = first_pixel(x + width, frame_width);
  const int bottom = first_pixel(y + height, frame_height);
  if (right <= left || bottom <= top)
    return std::nullopt;
  return Box{left, top, right - left, bottom - top};
}

std::optional<Cutout> cut_out(const Object& object, int frame_width,
                              int frame_height) {
  std::optional<TurnedBox> turned;
  std::optional<Box> box;
  if (object.rotation == 0)
    box = clip_to_frame(object.x, object.y, object.width, object.height,
                        frame_width, frame_height);
  else if ((turned = cut_at_sides(object, frame_width, frame_height)))
    box = box_around(*turned, frame_width, frame_height);
  if (!box)
    return std::nullopt;
  return Cutout{*box, turned};
}

double overlap(const Box& a, const Box& b) {
  const std::int64_t both =
      common(a.x, a.width, b.x, b.width) * common(a.y, a.height, b.y, b.height);
  const std::int64_t either = area(a) + area(b) - both;
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either)
                    : 0;
}

}  // namespace torchclassify
