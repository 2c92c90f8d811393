// SPDX-License-Identifier: LGPL-2.1-or-later
// torchvision's GaussianBlur.
#pragma once

#include <vector>

#include "torchclassify/train/picture.h"

namespace torchclassify {

// Keeps buffers for the next picture.
class GaussianBlur {
 public:
  // functional.gaussian_blur() with a kernel of 3 sigma (rounded up) to each
  // side, mirrored at the edges; to within 1. sigma: pixels, above 0.
  void run(double sigma, Picture& picture);

 private:
  void set_kernel(double sigma);
  void blur_down(const Picture& picture, int y);

  std::vector<float> half_;  // the kernel's middle and one side
  std::vector<float> row_;   // one row blurred down, with a border each side
  std::vector<float> sums_;
  std::vector<std::uint8_t> blurred_;
};

}  // namespace torchclassify
