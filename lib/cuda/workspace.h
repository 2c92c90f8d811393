// SPDX-License-Identifier: LGPL-2.1-or-later
// What the preprocessing kernels of one launch hand on to each other.
#pragma once

#include <cstdint>

namespace torchclassify::cuda {

// Source pixels of a resized one: first, and count weights.
struct Taps {
  int first;
  int count;
};

// What a plan's pictures share in device memory.
struct Workspace {
  Taps* taps;
  std::int32_t* weights;
  std::uint8_t* upright;
};

}  // namespace torchclassify::cuda
