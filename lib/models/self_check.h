// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture whose logits a model file records.
#pragma once

#include <cstdint>
#include <vector>

#include "torchclassify/image.h"

namespace torchclassify {

inline constexpr int kSelfCheckWidth = 64;   // pixels, of new files
inline constexpr int kSelfCheckHeight = 48;  // pixels, of new files

// An owned picture of packed RGB rows.
struct Picture8 {
  int width = 0;                     // pixels
  int height = 0;                    // pixels
  std::vector<std::uint8_t> pixels;  // [height, width, 3]

  ImageView view() const;  // valid as long as the picture
};

// The picture of SelfCheck's formula (model_info.h).
Picture8 self_check_picture(int width, int height);

}  // namespace torchclassify
