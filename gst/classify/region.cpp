// SPDX-License-Identifier: LGPL-2.1-or-later
#include "region.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

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

std::optional<Box> box_of(const Object& object, int frame_width,
                          int frame_height) {
  const double sine = std::fabs(std::sin(object.rotation));
  const double cosine = std::fabs(std::cos(object.rotation));
  if (object.rotation == 0)
    return clip_to_frame(object.x, object.y, object.width, object.height,
                         frame_width, frame_height);
  if (!(object.width > 0 && object.height > 0))
    return std::nullopt;
  const double width = object.width * cosine + object.height * sine;
  const double height = object.width * sine + object.height * cosine;
  return clip_to_frame(object.x + (object.width - width) / 2,
                       object.y + (object.height - height) / 2, width, height,
                       frame_width, frame_height);
}

double overlap(const Box& a, const Box& b) {
  const std::int64_t both =
      common(a.x, a.width, b.x, b.width) * common(a.y, a.height, b.y, b.height);
  const std::int64_t either = area(a) + area(b) - both;
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either)
                    : 0;
}

}  // namespace torchclassify
