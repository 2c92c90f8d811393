// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames whose pixels say where they are, and objects on them.
#pragma once

#include "classify_harness.h"

namespace support {

inline constexpr char kLocatedCaps[] =
    "video/x-raw,format=GRAY8,width=16,height=16";

// What the pixel there is, and so what the fake engine says of a region that
// begins there. Not to begin one at: 13,0 and 14,0, which it does not like.
constexpr int class_at(int x, int y) { return 16 * y + x; }

GstBuffer* located_frame(int index);
// Of two values, side by side.
GstBuffer* halves(int left, int right, int index);

// The element with these properties, after its stream has begun with
// kLocatedCaps.
Harness playing_located(const char* properties);

// What comes out when this is pushed.
GstBuffer* passed(const Harness& harness, GstBuffer* buffer);

// As unsigned as the meta's own fields are. Without an id nobody tracks it.
GstVideoRegionOfInterestMeta* add_object(GstBuffer* buffer, const char* type,
                                         int x, int y, int width, int height,
                                         int tracking_id = -1);

}  // namespace support
