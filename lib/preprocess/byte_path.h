// SPDX-License-Identifier: LGPL-2.1-or-later
// The fast path for RGB formats and grey: the very bits of the reference.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "preprocess/geometry.h"
#include "preprocess/normalise.h"
#include "preprocess/pixel_layout.h"
#include "preprocess/tap_table.h"
#include "torchclassify/image.h"

namespace torchclassify {

// Pillow's order of things: rows first, 8 bits, then columns; but only of the
// pixels that the crop needs.
class BytePath {
 public:
  explicit BytePath(const Preprocessing& preprocessing)
      : preprocessing_(preprocessing), normaliser_(preprocessing) {}

  // image: checked, not YUV. output: as preprocess_reference().
  void run(const ImageView& image, float* output);

 private:
  using Bytes = std::vector<std::uint8_t>;
  void prepare(const ImageView& image);
  void resize_rows(const ImageView& image);
  void load_row(const ImageView& image, int y);
  void load_luma(const std::uint8_t* row);
  void write(float* output);
  void write_row(int channel, int y, float* output);

  const Preprocessing preprocessing_;
  const Normaliser normaliser_;

  std::optional<Geometry> geometry_;  // of the tables below
  TapTable<std::int32_t> across_;
  TapTable<std::int32_t> down_;
  PixelLayout layout_{};
  int channels_ = 0;  // computed: 1 for grey, even if 3 are asked for
  std::array<Bytes, 3> source_;  // one row by channel, padded_span() bytes
  std::array<Bytes, 3> rows_;    // [down_.span, across_.outputs()] by channel
  std::vector<std::int32_t> sums_;
  Bytes bytes_;
};

}  // namespace torchclassify
