// SPDX-License-Identifier: LGPL-2.1-or-later
// German traffic signs from polygons, discs and letters.
#include "road_signs.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace road {
namespace {

struct Point {
  double x, y;
};

struct Color {
  double red, green, blue;
};

constexpr Color kRed{0.78, 0.07, 0.10};
constexpr Color kBlue{0.05, 0.27, 0.62};
constexpr Color kYellow{0.96, 0.76, 0.05};
constexpr Color kWhite{0.95, 0.95, 0.95};
constexpr Color kBlack{0.06, 0.06, 0.07};

void fill(cairo_t* cairo, const Color& color) {
  cairo_set_source_rgb(cairo, color.red, color.green, color.blue);
  cairo_fill(cairo);
}

void fill_disc(cairo_t* cairo, double radius, const Color& color) {
  cairo_arc(cairo, 0, 0, radius, 0, 2 * std::numbers::pi);
  fill(cairo, color);
}

void fill_polygon(cairo_t* cairo, std::initializer_list<Point> points,
                  const Color& color) {
  for (const Point& point : points) {
    cairo_line_to(cairo, point.x, point.y);
  }
  cairo_close_path(cairo);
  fill(cairo, color);
}

// A regular polygon; the first corner lies at this angle, in radians.
void fill_regular(cairo_t* cairo, int corners, double first, double radius,
                  const Color& color) {
  for (int i = 0; i < corners; ++i) {
    const double angle = first + 2 * std::numbers::pi * i / corners;
    cairo_line_to(cairo, radius * std::cos(angle), radius * std::sin(angle));
  }
  cairo_close_path(cairo);
  fill(cairo, color);
}

void fill_text(cairo_t* cairo, const char* text, double size,
               const Color& color) {
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         CAIRO_FONT_WEIGHT_BOLD);
  cairo_set_font_size(cairo, size);
  cairo_text_extents_t box;
  cairo_text_extents(cairo, text, &box);
  cairo_move_to(cairo, -box.x_bearing - box.width / 2,
                -box.y_bearing - box.height / 2);
  cairo_text_path(cairo, text);
  fill(cairo, color);
}

}  // namespace

void paint_speed_limit_50(cairo_t* cairo) {
  fill_disc(cairo, 1, kRed);
  fill_disc(cairo, 0.76, kWhite);
  fill_text(cairo, "50", 0.9, kBlack);
}

void paint_stop(cairo_t* cairo) {
  fill_regular(cairo, 8, std::numbers::pi / 8, 1, kWhite);
  fill_regular(cairo, 8, std::numbers::pi / 8, 0.94, kRed);
  // The letters of the real sign are narrow, and a third of it high.
  cairo_scale(cairo, 0.63, 1);
  fill_text(cairo, "STOP", 0.9, kWhite);
}

void paint_yield(cairo_t* cairo) {
  fill_regular(cairo, 3, std::numbers::pi / 2, 1.1, kRed);
  fill_regular(cairo, 3, std::numbers::pi / 2, 0.66, kWhite);
}

void paint_priority_road(cairo_t* cairo) {
  fill_regular(cairo, 4, 0, 1, kBlack);
  fill_regular(cairo, 4, 0, 0.97, kWhite);
  fill_regular(cairo, 4, 0, 0.68, kYellow);
}

void paint_no_entry(cairo_t* cairo) {
  fill_disc(cairo, 1, kWhite);
  fill_disc(cairo, 0.96, kRed);
  cairo_rectangle(cairo, -0.72, -0.19, 1.44, 0.38);
  fill(cairo, kWhite);
}

void paint_turn_right_ahead(cairo_t* cairo) {
  fill_disc(cairo, 1, kWhite);
  fill_disc(cairo, 0.95, kBlue);
  // A shaft that goes up, bends right, and ends in a head.
  fill_polygon(cairo,
               {{-0.45, 0.62},
                {-0.45, -0.1},
                {-0.3, -0.28},
                {0.2, -0.28},
                {0.2, -0.52},
                {0.66, -0.14},
                {0.2, 0.24},
                {0.2, 0.0},
                {-0.17, 0.0},
                {-0.17, 0.62}},
               kWhite);
}

void paint_keep_right(cairo_t* cairo) {
  fill_disc(cairo, 1, kWhite);
  fill_disc(cairo, 0.95, kBlue);
  cairo_rotate(cairo, std::numbers::pi / 4);  // points down and right
  fill_polygon(cairo,
               {{-0.68, -0.14},
                {0.16, -0.14},
                {0.16, -0.44},
                {0.72, 0.0},
                {0.16, 0.44},
                {0.16, 0.14},
                {-0.68, 0.14}},
               kWhite);
}

}  // namespace road
