// SPDX-License-Identifier: LGPL-2.1-or-later
// Resizing in bytes: the very bits of the reference before normalisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "preprocess/geometry.h"
#include "preprocess/pixel_layout.h"
#include "preprocess/tap_table.h"
#include "torchclassify/image.h"

namespace torchclassify {

// Pillow's order of things: rows first, 8 bits, then columns; but only of the
// pixels that the crop needs. Keeps buffers and the last geometry's tables.
class ByteResizer {
 public:
  // Resizes across. image: checked, not YUV, of the geometry's source size.
  // channels: 3: R'G'B'; 1: luma.
  void load(const ImageView& image, const Geometry& geometry,
            Interpolation interpolation, int channels);

  // Of the picture loaded last: pixels of the crop that lie inside the resized
  // picture, and channels that are computed (1 for grey, whatever is asked).
  int width() const { return across_.outputs(); }
  int height() const { return down_.outputs(); }
  int channels() const { return channels_; }

  // Row y, 0 to height() - 1: width() pixels of channels() bytes, valid until
  // the next call.
  const std::uint8_t* row(int y);

 private:
  using Bytes = std::vector<std::uint8_t>;
  void prepare(const Geometry& geometry, Interpolation interpolation);
  void load_colors(const ImageView& image);
  void load_grey(const ImageView& image);
  void load_luma(const std::uint8_t* row);
  const std::uint8_t* source_row(const ImageView& image, int y) const;
  std::uint8_t* loaded_row(int y) { return rows_.data() + y * row_stride_; }

  std::optional<Geometry> geometry_;  // of the tables below
  Interpolation interpolation_{};     // likewise
  TapTable<std::int32_t> across_;
  TapTable<std::int32_t> down_;
  PixelLayout layout_{};
  int channels_ = 0;
  std::vector<std::int32_t> pixels_;  // colour: two rows, spread
  Bytes grey_;                        // grey: one row
  Bytes rows_;                        // [down_.span, row_stride_]
  std::ptrdiff_t row_stride_ = 0;     // bytes
  std::vector<std::int32_t> sums_;
  Bytes bytes_;
};

}  // namespace torchclassify
