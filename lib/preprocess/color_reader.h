// SPDX-License-Identifier: LGPL-2.1-or-later
// The colours of pixels, whatever format they are in.
#pragma once

#include <cstdint>

#include "preprocess/color.h"
#include "preprocess/pixel_layout.h"
#include "torchclassify/image.h"

namespace torchclassify {

class ColorReader {
 public:
  // Borrows the image, checked, for its life.
  explicit ColorReader(const ImageView& image);

  bool is_grey() const { return layout_.components == 1; }
  // Writes R'G'B' of the pixels of the part's row, counted from its first. A
  // chroma sample serves all its pixels; grey is all three.
  void read_row(int row, std::uint8_t* rgb) const;

 private:
  struct Samples;

  Samples samples(int component, int row) const;
  void read_grey(int row, std::uint8_t* rgb) const;
  void read_rgb(int row, std::uint8_t* rgb) const;
  void read_yuv(int row, std::uint8_t* rgb) const;

  const ImageView& image_;
  const PixelLayout layout_;
  const YuvToRgb matrix_;
};

}  // namespace torchclassify
