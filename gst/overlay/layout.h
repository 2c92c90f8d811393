// SPDX-License-Identifier: LGPL-2.1-or-later
// What is drawn where on a frame. Sizes of text and lines are in square pixels,
// as high as the frame's; areas are in the frame's own pixels, always inside
// it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "boxes.h"
#include "colors.h"
#include "findings.h"
#include "rows.h"

namespace torchclassify::overlay {

enum class Position { kTopLeft, kTopRight, kBottomLeft, kBottomRight };

struct Look {
  unsigned draw = kDrawAll;                // bits of Draw
  Position position = Position::kTopLeft;  // of what is said of whole frames
  unsigned margin = 0;      // pixels from the frame's sides; 0: by its height
  unsigned line_width = 0;  // pixels; 0: by the frame's height
  Color color = 0;          // of all classes; 0: by class
  bool show_confidence = true;
  double font_size = 0;  // pixels; 0: by the frame's height
  bool operator==(const Look&) const = default;
};

struct TextSize {
  double width = 0;
  double height = 0;
};
// The size of a line of text at a font size in pixels, bold or not.
using Ruler =
    std::function<TextSize(const std::string& text, double size, bool bold)>;

struct Line {
  Row row;
  double y = 0;  // from the panel's top
  double height = 0;
  double font_size = 0;
  bool operator==(const Line&) const = default;
};

// Text on a ground of one colour. Columns from left to right: text, bar, value.
struct Panel {
  Area area;
  std::vector<Line> lines;
  double padding = 0;      // around and between the columns
  double text_width = 0;   // longer text is cut with an ellipsis
  double bar_width = 0;    // 0: no bars
  double value_width = 0;  // 0: no values
  Color ground = 0;
  Color ink = 0;  // of the text; of the bars too where they have no own colour
  bool colored_bars = false;
};

struct Drawing {
  std::vector<Edge> edges;
  std::vector<Rotated> rotated;
  std::vector<Panel> panels;
  std::size_t left_out = 0;  // findings with nothing that could be drawn
};

Drawing lay_out(const std::vector<Finding>& findings, const Look& look,
                const Canvas& canvas, const Ruler& ruler);

}  // namespace torchclassify::overlay
