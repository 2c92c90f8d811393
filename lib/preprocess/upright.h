// SPDX-License-Identifier: LGPL-2.1-or-later
// Turned rectangles, upright again.
#pragma once

#include <cstdint>
#include <vector>

#include "torchclassify/image.h"

namespace torchclassify {

// Keeps its memory for the next rectangle. One thread at a time.
class Upright {
 public:
  // The image itself if nothing in it is turned; else a picture, kRgb, of what
  // is, of its size rounded to whole pixels, valid until the next call. Made of
  // the part's R'G'B' with the arithmetic of Pillow's
  // Image.transform(AFFINE, BILINEAR). image: checked.
  ImageView of(const ImageView& image);

 private:
  std::vector<std::uint8_t> part_;     // its colours
  std::vector<std::uint8_t> upright_;  // of the rectangle
};

}  // namespace torchclassify
