// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture as OpenCV sees it.
#pragma once

#include <opencv2/core.hpp>

#include "torchclassify/train/picture.h"

namespace torchclassify {

// Borrows the pixels, in the picture's own order of channels. Only to be read.
inline cv::Mat as_mat(const Picture& picture) {
  return {picture.height, picture.width, CV_8UC(picture.channels),
          const_cast<std::uint8_t*>(picture.pixels.data())};
}

}  // namespace torchclassify
