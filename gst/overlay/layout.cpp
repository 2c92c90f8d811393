// SPDX-License-Identifier: LGPL-2.1-or-later
#include "layout.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace torchclassify::overlay {
namespace {

constexpr Color kDark = 0xa6000000;
constexpr Color kWhite = 0xffffffff;
constexpr double kMostFontSize = 512;     // pixels
constexpr double kMostPanelWidth = 8192;  // square pixels
constexpr double kMostShortened = 0.6;    // of a bar
constexpr int kMostLineWidth = 1024;      // pixels
constexpr int kMostSteps = 4;             // lines that a label gives way
// Beyond it, rotated outlines are left out: each needs a picture of its own.
constexpr double kMostRotated = 2;  // frames' areas, all together

double display_width(const Canvas& canvas) {
  return canvas.width * canvas.pixel_aspect;
}

double frame_font_size(const Look& look, const Canvas& canvas) {
  const double size =
      look.font_size > 0 ? look.font_size
                         : std::max(13.0, std::min(canvas.height / 32.0,
                                                   display_width(canvas) / 24));
  return std::min(size, kMostFontSize);
}

double object_font_size(const Look& look, const Canvas& canvas) {
  return std::max(std::min(11.0, frame_font_size(look, canvas)),
                  0.8 * frame_font_size(look, canvas));
}

double margin(const Look& look, const Canvas& canvas) {
  return look.margin ? look.margin : std::max(4, canvas.height / 48);
}

int line_width(const Look& look, const Canvas& canvas) {
  const int most = std::min({canvas.width, canvas.height, kMostLineWidth});
  if (look.line_width)
    return static_cast<int>(std::min<unsigned>(look.line_width, most));
  return std::clamp(canvas.height / 360, 2, kMostLineWidth);
}

// --- one panel, not yet placed ---

void add_line(Panel& panel, Row row, double size, double width_limit,
              const Ruler& ruler) {
  const double y = panel.lines.empty()
                       ? panel.padding / 2
                       : panel.lines.back().y + panel.lines.back().height;
  const TextSize text = ruler(row.text, size, row.heading);
  const TextSize value = ruler(row.value, size, row.heading);
  panel.text_width =
      std::max(panel.text_width, std::min(std::ceil(text.width), width_limit));
  if (!row.value.empty())
    panel.value_width = std::max(panel.value_width, std::ceil(value.width));
  if (row.percent != kNoPercent)
    panel.bar_width = 6 * size;
  const double height = std::ceil(std::min(text.height, 2 * size));
  panel.lines.push_back({std::move(row), y, height, size});
}

double columns_width(const Panel& panel) {
  double width = panel.text_width + 2 * panel.padding;
  for (const double column : {panel.bar_width, panel.value_width})
    width += column > 0 ? column + panel.padding : 0;
  return width;
}

// Bars become shorter first, then texts; where these would say nothing any
// more, first the bars and then the values give way altogether.
void fit_width(Panel& panel, double limit) {
  const double excess = columns_width(panel) - limit;
  if (excess > 0)
    panel.bar_width -= std::min(excess, kMostShortened * panel.bar_width);
  const double wanted = panel.text_width;
  const double least = std::min(wanted, 8 * panel.padding);
  panel.text_width = least;
  for (double* column : {&panel.bar_width, &panel.value_width}) {
    if (columns_width(panel) > limit)
      *column = 0;
  }
  const double room = limit - (columns_width(panel) - least);
  panel.text_width = std::max(1.0, std::min(wanted, room));
}

void fit_height(Panel& panel, double limit) {
  while (panel.lines.size() > 1 &&
         panel.lines.back().y + panel.lines.back().height > limit)
    panel.lines.pop_back();
}

Panel panel_of(std::vector<Row> rows, double size, double width_limit,
               const Canvas& canvas, const Ruler& ruler) {
  Panel panel;
  panel.padding = std::ceil(0.4 * size);
  for (Row& row : rows) {
    const double row_size = row.heading ? size : 0.85 * size;
    add_line(panel, std::move(row), row_size, width_limit, ruler);
  }
  fit_width(panel, std::min(width_limit, kMostPanelWidth));
  fit_height(panel, canvas.height);
  const Line& last = panel.lines.back();
  const double width = columns_width(panel) / canvas.pixel_aspect;
  const double height = last.y + last.height + panel.padding / 2;
  panel.area.width = static_cast<int>(
      std::clamp(std::ceil(width), 1.0, static_cast<double>(canvas.width)));
  panel.area.height = static_cast<int>(
      std::clamp(std::ceil(height), 1.0, static_cast<double>(canvas.height)));
  return panel;
}

// --- where the panels are ---

bool overlap(const Area& a, const Area& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
         b.y < a.y + a.height;
}

class Layout {
 public:
  Layout(const Look& look, const Canvas& canvas, const Ruler& ruler)
      : look_(look),
        canvas_(canvas),
        ruler_(ruler),
        margin_y_(std::min<double>(margin(look, canvas), canvas.height)),
        margin_x_(std::min(margin(look, canvas) / canvas.pixel_aspect,
                           static_cast<double>(canvas.width))) {}

  // One below the other from the top, or above it from the bottom.
  void add_frame_panel(const Finding& finding) {
    std::vector<Row> rows = rows_for(finding);
    if (rows.empty())
      return;
    Panel panel = panel_of(std::move(rows), frame_font_size(look_, canvas_),
                           display_width(canvas_) - 2 * margin(look_, canvas_),
                           canvas_, ruler_);
    panel.ground = kDark;
    panel.ink = kWhite;
    panel.colored_bars = true;
    if (stacked_ > 0 &&
        margin_y_ + stacked_ + panel.area.height > canvas_.height) {
      ++drawing_.left_out;
      return;
    }
    put_in_corner(panel.area);
    stacked_ += panel.area.height + static_cast<int>(panel.padding);
    drawing_.panels.push_back(std::move(panel));
  }

  void add_object(const Finding& finding) {
    const std::optional<Area> area = visible(*finding.box, canvas_);
    if (!area) {
      ++drawing_.left_out;
      return;
    }
    const Color color =
        look_.color ? look_.color : color_of(color_name(finding));
    if (look_.draw & kDrawBoxes)
      add_outline(*finding.box, *area, color);
    add_object_panel(finding, *area, color);
  }

  Drawing take() { return std::move(drawing_); }

 private:
  std::vector<Row> rows_for(const Finding& finding) const {
    return rows_of(finding, look_.draw, look_.show_confidence, look_.color);
  }

  void put_in_corner(Area& area) const {
    const bool right = look_.position == Position::kTopRight ||
                       look_.position == Position::kBottomRight;
    const bool bottom = look_.position == Position::kBottomLeft ||
                        look_.position == Position::kBottomRight;
    const int x = static_cast<int>(margin_x_);
    const int y = static_cast<int>(margin_y_) + stacked_;
    area.x = right ? canvas_.width - area.width - x : x;
    area.y = bottom ? canvas_.height - area.height - y : y;
    keep_inside(area);
  }

  void keep_inside(Area& area) const {
    area.x = std::clamp(area.x, 0, canvas_.width - area.width);
    area.y = std::clamp(area.y, 0, canvas_.height - area.height);
  }

  void add_outline(const Box& box, const Area& area, Color color) {
    const int width = line_width(look_, canvas_);
    if (box.rotation == 0) {
      for (const Edge& edge : edges_of(area, canvas_, width, color))
        drawing_.edges.push_back(edge);
      return;
    }
    const double pixels = static_cast<double>(area.width) * area.height;
    rotated_ += pixels;
    if (rotated_ > kMostRotated * canvas_.width * canvas_.height)
      ++drawing_.left_out;
    else
      drawing_.rotated.push_back(rotated_outline(box, area, width, color));
  }

  void add_object_panel(const Finding& finding, const Area& box, Color color) {
    std::vector<Row> rows = rows_for(finding);
    if (rows.empty())
      return;
    const double limit = std::min(display_width(canvas_),
                                  std::max(box.width * canvas_.pixel_aspect,
                                           0.5 * display_width(canvas_)));
    Panel panel = panel_of(std::move(rows), object_font_size(look_, canvas_),
                           limit, canvas_, ruler_);
    panel.ground = color | 0xff000000;
    panel.ink = readable_on(color);
    panel.area = free_place(panel.area, box);
    drawing_.panels.push_back(std::move(panel));
  }

  // Above the box if there is room, else below, else inside; where others are
  // in the way, some lines further on.
  Area free_place(Area area, const Area& box) const {
    const std::int64_t above = std::int64_t{box.y} - area.height;
    const std::int64_t below = std::int64_t{box.y} + box.height;
    const int right = box.x + box.width - area.width;
    for (int step = 0; step < kMostSteps; ++step) {
      const std::int64_t far = std::int64_t{step} * area.height;
      for (const std::int64_t y : {above - far, below + far, box.y + far}) {
        if (y < 0 || y > canvas_.height - area.height)
          continue;
        area.y = static_cast<int>(y);
        for (const int x : {box.x, right}) {
          area.x = x;
          keep_inside(area);
          if (is_free(area))
            return area;
        }
      }
    }
    area.x = box.x;
    area.y = above >= 0 ? static_cast<int>(above) : box.y;
    keep_inside(area);
    return area;
  }

  bool is_free(const Area& area) const {
    return std::none_of(
        drawing_.panels.begin(), drawing_.panels.end(),
        [&](const Panel& panel) { return overlap(panel.area, area); });
  }

  const Look& look_;
  const Canvas& canvas_;
  const Ruler& ruler_;
  const double margin_y_;  // pixels of the frame
  const double margin_x_;
  int stacked_ = 0;  // height of the frame's panels so far
  double rotated_ = 0;
  Drawing drawing_;
};

}  // namespace

Drawing lay_out(const std::vector<Finding>& findings, const Look& look,
                const Canvas& canvas, const Ruler& ruler) {
  Layout layout(look, canvas, ruler);
  for (const Finding& finding : findings) {
    if (!finding.box)
      layout.add_frame_panel(finding);
  }
  for (const Finding& finding : findings) {
    if (finding.box)
      layout.add_object(finding);
  }
  return layout.take();
}

}  // namespace torchclassify::overlay
