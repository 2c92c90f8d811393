// SPDX-License-Identifier: LGPL-2.1-or-later
// Windows into a picture that may reach beyond it, and flips.
#pragma once

#include "augment/augmenter.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {

// What lies outside along one axis: pixels of the picture, or one value.
struct Outside {
  Border border = Border::kEdge;  // kBlack: fill
  std::uint8_t fill = 0;
};

// from: kRgb or kGray8, taken as it is. to's buffer is reused.
void cut_window(const ImageView& from, const PixelRect& window,
                const Outside& across, const Outside& down, Picture& to);

void flip_across(Picture& picture);  // left to right
void flip_down(Picture& picture);    // upside down

}  // namespace torchclassify
