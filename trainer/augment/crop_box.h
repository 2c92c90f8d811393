// SPDX-License-Identifier: LGPL-2.1-or-later
// Which rectangle: torchvision's RandomResizedCrop and RandomErasing.
#pragma once

#include <optional>

#include "augment/augmenter.h"
#include "random.h"

namespace torchclassify {

// RandomResizedCrop.get_params(): a share of the area and an aspect ratio that
// fit within ten tries, or the middle of the picture.
PixelRect random_crop_box(int width, int height, const AugmentOptions& options,
                          KeyedRandom& random);

// RandomErasing.get_params() with its defaults: 2 to 33 % of the area, aspect
// ratio 0.3 to 3.3; nothing if ten tries do not fit, or less than half a pixel
// is drawn.
std::optional<PixelRect> random_erasure(int width, int height,
                                        KeyedRandom& random);

}  // namespace torchclassify
