// SPDX-License-Identifier: LGPL-2.1-or-later
// The fast path for RGB formats and grey: the very bits of the reference.
#pragma once

#include "preprocess/byte_resizer.h"
#include "preprocess/geometry.h"
#include "preprocess/normalise.h"
#include "torchclassify/image.h"

namespace torchclassify {

class BytePath {
 public:
  explicit BytePath(const Preprocessing& preprocessing)
      : preprocessing_(preprocessing), normaliser_(preprocessing) {}

  // image: checked, not YUV. output: as preprocess_reference().
  void run(const ImageView& image, float* output);

 private:
  const Preprocessing preprocessing_;
  const Normaliser normaliser_;
  ByteResizer resizer_;
};

}  // namespace torchclassify
