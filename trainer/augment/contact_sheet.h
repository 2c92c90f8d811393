// SPDX-License-Identifier: LGPL-2.1-or-later
// Augmented pictures beside each other, for the eye.
#pragma once

#include <cstdint>
#include <vector>

#include "augment/augmenter.h"

namespace torchclassify {

// A PNG file's bytes: the pictures, each of width x height pixels and 1 or 3
// channels, row by row with a margin between, what is erased in grey. Throws
// Error kInvalidArgument for no pictures, for a size that is not theirs, and
// for a sheet of more than kMaxImageSide pixels a side.
std::vector<std::uint8_t> contact_sheet_png(
    const std::vector<AugmentedPicture>& pictures, int width, int height,
    int channels, int columns);

}  // namespace torchclassify
