// SPDX-License-Identifier: LGPL-2.1-or-later
// The road, the sky and the trees, and when which sign comes.
#include "road_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "road_signs.h"

namespace road {
namespace {

constexpr std::array<SignPainter, 7> kSigns = {
    paint_speed_limit_50,   paint_priority_road, paint_yield,    paint_stop,
    paint_turn_right_ahead, paint_keep_right,    paint_no_entry,
};
constexpr int kFramesPerSign = 3 * kFramesPerSecond;
constexpr int kFramesNear = kFramesPerSecond;  // of these, at its largest
constexpr double kHorizon = 0.5 * kHeight;
constexpr double kSmallest = 0.04 * kWidth;  // radius, pixels
constexpr double kLargest = 0.40 * kWidth;

void fill_rectangle(cairo_t* cairo, double top, double bottom, double red,
                    double green, double blue) {
  cairo_set_source_rgb(cairo, red, green, blue);
  cairo_rectangle(cairo, 0, top, kWidth, bottom - top);
  cairo_fill(cairo);
}

void draw_sky(cairo_t* cairo) {
  cairo_pattern_t* sky = cairo_pattern_create_linear(0, 0, 0, kHorizon);
  cairo_pattern_add_color_stop_rgb(sky, 0, 0.38, 0.56, 0.78);
  cairo_pattern_add_color_stop_rgb(sky, 1, 0.78, 0.84, 0.88);
  cairo_set_source(cairo, sky);
  cairo_paint(cairo);
  cairo_pattern_destroy(sky);
}

// What stands beside the road at a distance from 1 (far) to 0 (here).
void draw_tree(cairo_t* cairo, double distance, double side) {
  const double scale = 0.06 / (distance + 0.05);
  const double x = kWidth * (0.5 + side * 0.55 * scale);
  const double foot = kHorizon + 0.16 * kHeight * scale;
  const double size = 0.22 * kHeight * scale;
  cairo_set_source_rgb(cairo, 0.29, 0.22, 0.15);
  cairo_rectangle(cairo, x - 0.06 * size, foot - size, 0.12 * size, size);
  cairo_fill(cairo);
  cairo_set_source_rgb(cairo, 0.16, 0.32 + 0.06 * side, 0.15);
  cairo_arc(cairo, x, foot - 1.2 * size, 0.6 * size, 0, 7);
  cairo_fill(cairo);
}

void draw_trees(cairo_t* cairo, int frame) {
  constexpr int kTrees = 12;
  constexpr double kPeriod = 8.0 * kFramesPerSecond;
  const double moved = std::fmod(frame / kPeriod * kTrees, 1.0);
  for (int i = kTrees; i > 0; --i) {  // the far ones first
    const double distance = (i - moved) / kTrees;
    draw_tree(cairo, distance, 1);
    draw_tree(cairo, distance * 0.9 + 0.02, -1);
  }
}

void draw_road(cairo_t* cairo, int frame) {
  fill_rectangle(cairo, kHorizon, kHeight, 0.36, 0.45, 0.24);
  cairo_set_source_rgb(cairo, 0.33, 0.33, 0.35);
  cairo_move_to(cairo, 0.48 * kWidth, kHorizon);
  cairo_line_to(cairo, 0.52 * kWidth, kHorizon);
  cairo_line_to(cairo, 1.0 * kWidth, kHeight);
  cairo_line_to(cairo, 0.0, kHeight);
  cairo_fill(cairo);

  constexpr int kDashes = 8;
  const double moved = std::fmod(frame * 0.16, 1.0);
  cairo_set_source_rgb(cairo, 0.85, 0.85, 0.82);
  for (int i = 0; i < kDashes; ++i) {
    const double near = std::pow((i + moved) / kDashes, 2);
    const double length = 0.05 * near * kHeight;
    const double width = 0.03 * near * kWidth;
    cairo_rectangle(cairo, 0.5 * kWidth - width / 2,
                    kHorizon + near * (kHeight - kHorizon), width, length);
    cairo_fill(cairo);
  }
}

// The sign stands right of the road, far away; the camera drives up to it and
// looks at it, so that it fills the frame as it does in the training pictures.
void draw_sign(cairo_t* cairo, int frame) {
  const int step = frame % kFramesPerSign;
  const double way =
      std::min(1.0, static_cast<double>(step) / (kFramesPerSign - kFramesNear));
  const double distance = 1 + (kLargest / kSmallest - 1) * (1 - way);
  const double radius = kLargest / distance;
  const double x = kWidth * (0.5 + 0.2 * std::sqrt(1 - way));
  const double y = kHeight * (0.5 - 0.06 * (1 - way));
  // The road is not smooth.
  const double shake = 0.006 * kHeight * std::sin(frame * 0.9);

  cairo_save(cairo);
  cairo_translate(cairo, x, y + shake);
  cairo_scale(cairo, radius, radius);
  cairo_set_source_rgb(cairo, 0.55, 0.56, 0.57);
  cairo_rectangle(cairo, -0.06, 0, 0.12, 4);
  cairo_fill(cairo);
  kSigns[static_cast<size_t>(frame / kFramesPerSign) % kSigns.size()](cairo);
  cairo_restore(cairo);
}

}  // namespace

int frame_count() { return static_cast<int>(kSigns.size()) * kFramesPerSign; }

void draw_frame(cairo_t* cairo, int frame) {
  draw_sky(cairo);
  draw_road(cairo, frame);
  draw_trees(cairo, frame);
  draw_sign(cairo, frame);
}

}  // namespace road
