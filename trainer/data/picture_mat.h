// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture as OpenCV sees it.
#pragma once

#include <cstdint>
#include <vector>

#include <opencv2/core.hpp>

#include "torchclassify/train/picture.h"

namespace torchclassify {

// Borrows the pixels [height, width, channels], in their own order of channels.
// Only to be read.
inline cv::Mat as_mat(const std::vector<std::uint8_t>& pixels, int width,
                      int height, int channels) {
  return {height, width, CV_8UC(channels),
          const_cast<std::uint8_t*>(pixels.data())};
}

inline cv::Mat as_mat(const Picture& picture) {
  return as_mat(picture.pixels, picture.width, picture.height,
                picture.channels);
}

}  // namespace torchclassify
