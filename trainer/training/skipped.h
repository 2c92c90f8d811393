// SPDX-License-Identifier: LGPL-2.1-or-later
// The pictures that processes which train together have left out.
#pragma once

#include <vector>

#include "torchclassify/train/loader.h"
#include "training/team.h"

namespace torchclassify {

// All processes', in the order of their ranks, at rank 0; elsewhere none. One
// that several have met is there several times. Throws Error kBadData for what
// another process should not have sent.
std::vector<SkippedPicture> skipped_of_all(
    Team& team, const std::vector<SkippedPicture>& own);

}  // namespace torchclassify
