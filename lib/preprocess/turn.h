// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the pixels of an upright picture are in the picture it lies turned in.
#pragma once

#include "torchclassify/image.h"

namespace torchclassify {

struct Point {
  double x;
  double y;
};

// The middle of pixel (column, row) is at corner + (column + 0.5) across +
// (row + 0.5) down, counted in pixels from the part's upper left corner.
struct Turn {
  // image: checked, and something in it is turned.
  explicit Turn(const ImageView& image);

  Point source(int column, int row) const {
    return {across.x * (column + 0.5) + down.x * (row + 0.5) + corner.x,
            across.y * (column + 0.5) + down.y * (row + 0.5) + corner.y};
  }

  int width;  // of the upright picture: whole pixels, at least 1
  int height;
  Point across;
  Point down;
  Point corner;
};

}  // namespace torchclassify
