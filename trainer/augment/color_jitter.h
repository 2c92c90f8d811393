// SPDX-License-Identifier: LGPL-2.1-or-later
// torchvision's ColorJitter.
#pragma once

#include "augment/augmenter.h"
#include "random.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {

// Brightness, contrast, saturation and hue as the options say, each by a random
// amount, in random order.
void jitter_colors(const AugmentOptions& options, Picture& picture,
                   KeyedRandom& random);

}  // namespace torchclassify
