// SPDX-License-Identifier: LGPL-2.1-or-later
// German traffic signs drawn by formula, each in the square from -1 to 1.
#pragma once

#include <cairo.h>

namespace road {

using SignPainter = void (*)(cairo_t* cairo);

void paint_speed_limit_50(cairo_t* cairo);
void paint_stop(cairo_t* cairo);
void paint_yield(cairo_t* cairo);
void paint_priority_road(cairo_t* cairo);
void paint_no_entry(cairo_t* cairo);
void paint_turn_right_ahead(cairo_t* cairo);
void paint_keep_right(cairo_t* cairo);

}  // namespace road
