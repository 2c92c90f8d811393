// SPDX-License-Identifier: LGPL-2.1-or-later
// The property static-regions: parts of a fixed camera's picture, by name.
#pragma once

#include <string>
#include <vector>

#include "region.h"

namespace torchclassify {

struct StaticRegion {
  std::string name;  // valid UTF-8
  double x = 0;      // pixels, or shares of the frame's sides
  double y = 0;
  double width = 0;
  double height = 0;

  // All four at most 1: shares.
  bool relative() const;
  // Clipped to the frame; none if nothing of it is inside.
  std::optional<Box> box(int frame_width, int frame_height) const;
};

inline constexpr std::size_t kMostRegions = 64;  // of a frame

// "name=x,y,width,height;..." with spaces where one likes them; empty: none.
// Throws Error kInvalidArgument, quoting the entry, for one of another form, a
// number that is negative or not finite, an empty region, a name that is taken
// or is that of another kind of region, or more than kMostRegions.
std::vector<StaticRegion> parse_static_regions(const std::string& text);

}  // namespace torchclassify
