// SPDX-License-Identifier: LGPL-2.1-or-later
#include "boxes.h"

#include <algorithm>
#include <cmath>

namespace torchclassify::overlay {
namespace {

struct Extent {
  double left, top, right, bottom;
};

Extent around(const Box& box) {
  const double c = std::abs(std::cos(box.rotation));
  const double s = std::abs(std::sin(box.rotation));
  const double width = box.width * c + box.height * s;
  const double height = box.width * s + box.height * c;
  const double x = box.x + box.width / 2;
  const double y = box.y + box.height / 2;
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

bool is_drawable(const Box& box) {
  for (const double number : {box.x, box.y, box.width, box.height, box.rotation,
                              box.x + box.width, box.y + box.height}) {
    if (!std::isfinite(number))
      return false;
  }
  return box.width > 0 && box.height > 0;
}

// From and past the last pixel that the span touches inside 0 to size.
std::pair<int, int> pixels(double from, double to, int size) {
  const double most = size;
  const auto first =
      static_cast<int>(std::clamp(std::round(from), 0.0, most - 1));
  const auto past = static_cast<int>(std::clamp(std::round(to), 0.0, most));
  return {first, std::max(past, first + 1)};
}

}  // namespace

std::optional<Area> visible(const Box& box, const Canvas& canvas) {
  if (!is_drawable(box))
    return std::nullopt;
  const Extent extent = around(box);
  if (extent.right <= 0 || extent.bottom <= 0 || extent.left >= canvas.width ||
      extent.top >= canvas.height)
    return std::nullopt;
  const auto [left, right] = pixels(extent.left, extent.right, canvas.width);
  const auto [top, bottom] = pixels(extent.top, extent.bottom, canvas.height);
  return Area{left, top, right - left, bottom - top};
}

std::vector<Edge> edges_of(const Area& area, const Canvas& canvas,
                           int line_width, Color color) {
  const int vertical = std::max(
      1, static_cast<int>(std::lround(line_width / canvas.pixel_aspect)));
  if (area.width <= 2 * vertical || area.height <= 2 * line_width)
    return {{area, color}};
  const int side = area.height - 2 * line_width;
  const int right = area.x + area.width - vertical;
  const int bottom = area.y + area.height - line_width;
  return {
      {{area.x, area.y, area.width, line_width}, color},
      {{area.x, bottom, area.width, line_width}, color},
      {{area.x, area.y + line_width, vertical, side}, color},
      {{right, area.y + line_width, vertical, side}, color},
  };
}

Rotated rotated_outline(const Box& box, const Area& area, int line_width,
                        Color color) {
  Rotated outline{area, {}, {}, line_width, color};
  const double c = std::cos(box.rotation);
  const double s = std::sin(box.rotation);
  constexpr double kAcross[] = {-0.5, 0.5, 0.5, -0.5};
  constexpr double kDown[] = {-0.5, -0.5, 0.5, 0.5};
  for (std::size_t i = 0; i < 4; ++i) {
    const double across = kAcross[i] * box.width;
    const double down = kDown[i] * box.height;
    outline.x[i] = box.x + box.width / 2 + across * c - down * s;
    outline.y[i] = box.y + box.height / 2 + across * s + down * c;
  }
  return outline;
}

}  // namespace torchclassify::overlay
