// SPDX-License-Identifier: LGPL-2.1-or-later
// Operations on colours and on neighbouring pixels, with the arithmetic of
// Pillow's ImageEnhance and of torchvision, bit for bit but for the blur.
#pragma once

#include "torchclassify/train/picture.h"

namespace torchclassify {

// ImageEnhance.Color: from grey (0) over unchanged (1) on.
void change_saturation(double factor, Picture& picture);

// functional.adjust_hue(): turns the hue by a share of the circle, -0.5 to 0.5.
void turn_hue(double share, Picture& picture);

// RandomGrayscale's: luma in all channels.
void make_grey(Picture& picture);

// ImageEnhance.Sharpness: from smooth (0) over unchanged (1) on. to: another
// object, whose buffer is reused.
void sharpen(const Picture& from, double factor, Picture& to);

}  // namespace torchclassify
