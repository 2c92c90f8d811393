// SPDX-License-Identifier: LGPL-2.1-or-later
// Draws what the road clip shows: signs that come nearer beside a road.
#pragma once

#include <cairo.h>

namespace road {

constexpr int kWidth = 480;   // pixels
constexpr int kHeight = 480;  // pixels
constexpr int kFramesPerSecond = 25;

// How many frames the whole drive takes: each sign once.
int frame_count();

// Draws frame 0, 1, ..., frame_count() - 1 over the whole of a surface of
// kWidth x kHeight pixels. The same number gives the same pixels.
void draw_frame(cairo_t* cairo, int frame);

}  // namespace road
