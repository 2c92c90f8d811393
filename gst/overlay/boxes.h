// SPDX-License-Identifier: LGPL-2.1-or-later
// The outlines of objects, in pixels of the frame.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "colors.h"
#include "findings.h"

namespace torchclassify::overlay {

struct Canvas {
  int width = 0;  // of the frame, pixels
  int height = 0;
  double pixel_aspect = 1;  // width of a pixel over its height
  bool operator==(const Canvas&) const = default;
};

struct Area {
  int x = 0;  // pixels of the frame
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Area&) const = default;
};

// An area of one colour.
struct Edge {
  Area area;
  Color color = 0;
};

// The outline of a rotated box: four corners in pixels of the frame, some
// perhaps outside; the area is what there is of it inside.
struct Rotated {
  Area area;
  std::array<double, 4> x{};
  std::array<double, 4> y{};
  int line_width = 0;
  Color color = 0;
};

// The part of an upright box, or of what is around a rotated one, inside the
// frame, at least one pixel; nothing where there is none, or where a number is
// not finite.
std::optional<Area> visible(const Box& box, const Canvas& canvas);

// The sides of the visible area, drawn inside it.
std::vector<Edge> edges_of(const Area& area, const Canvas& canvas,
                           int line_width, Color color);

Rotated rotated_outline(const Box& box, const Area& area, int line_width,
                        Color color);

}  // namespace torchclassify::overlay
