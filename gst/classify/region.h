// SPDX-License-Identifier: LGPL-2.1-or-later
// What of a frame is classified.
#pragma once

#include <optional>
#include <string>

#include "metas/objects.h"
#include "torchclassify/image.h"

namespace torchclassify {

// Pixels of a frame; not empty, and inside of it.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  bool operator==(const Box&) const = default;
};

struct Region {
  std::string name;  // "full-frame", "object", or the static region's own
  Box box;
  std::optional<TurnedBox> turned;  // in the box, if the object is rotated
  std::optional<Object> object;     // what the region is cut out for
  // The same in each frame that shows the same; empty: nobody tracks it.
  std::string key;
};

inline constexpr char kFullFrame[] = "full-frame";
inline constexpr char kObject[] = "object";

// The pixels whose middle is in the rectangle, of those that the frame has;
// none if that is nothing, or a number is not one. Any values.
std::optional<Box> clip_to_frame(double x, double y, double width,
                                 double height, int frame_width,
                                 int frame_height);

// What of an object is in a frame.
struct Cutout {
  Box box;  // the upright rectangle around it, as clip_to_frame()
  // If the object is rotated: its rectangle, cut where the frame ends, but only
  // along its own sides.
  std::optional<TurnedBox> turned;
};
std::optional<Cutout> cut_out(const Object& object, int frame_width,
                              int frame_height);

// Of two boxes: the pixels of both, as a share of those of either. 0 to 1.
double overlap(const Box& a, const Box& b);

}  // namespace torchclassify
