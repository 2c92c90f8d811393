// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/byte_resizer.h"

#include <algorithm>

#include "preprocess/color.h"
#include "preprocess/kernels.h"

namespace torchclassify {

void ByteResizer::load(const ImageView& image, const Geometry& geometry,
                       Interpolation interpolation, int channels) {
  layout_ = layout_of(image.format);
  channels_ = std::min(layout_.components, channels);
  prepare(geometry, interpolation);
  if (channels_ == 3)
    load_colors(image);
  else
    load_grey(image);
}

void ByteResizer::prepare(const Geometry& geometry,
                          Interpolation interpolation) {
  if (geometry_ != geometry || interpolation_ != interpolation) {
    across_ =
        make_tap_table<std::int32_t>(resample_taps(geometry.x, interpolation));
    down_ =
        make_tap_table<std::int32_t>(resample_taps(geometry.y, interpolation));
    geometry_ = geometry;
    interpolation_ = interpolation;
  }
  // One byte more for resize_pixels(), one row for an odd number of them.
  row_stride_ = static_cast<std::ptrdiff_t>(across_.outputs()) * channels_ + 1;
  rows_.resize(static_cast<std::size_t>(row_stride_ * (down_.span + 1)));
  const auto span = static_cast<std::size_t>(across_.padded_span());
  if (channels_ == 3)
    pixels_.resize(span * kPixelPair);
  else
    grey_.resize(span);
  sums_.resize(static_cast<std::size_t>(row_stride_));
  bytes_.resize(sums_.size());
}

// Row y of those that are needed, from the first pixel that is.
const std::uint8_t* ByteResizer::source_row(const ImageView& image,
                                            int y) const {
  return image.planes[0].data +
         (image.y + down_.origin + y) * image.planes[0].stride +
         (image.x + across_.origin) * layout_.component[0].step;
}

void ByteResizer::load_colors(const ImageView& image) {
  const auto& [red, green, blue] = layout_.component;
  const int offsets[] = {red.offset, green.offset, blue.offset};
  for (int y = 0; y < down_.span; y += 2) {
    for (int i = 0; i < 2 && y + i < down_.span; ++i)
      spread_pixels(source_row(image, y + i), red.step, offsets, across_.span,
                    pixels_.data() + i * kPixelPair / 2);
    resize_pixels(pixels_.data(), across_.first.data(), across_.weights.data(),
                  across_.longest, across_.taps, across_.outputs(),
                  loaded_row(y), loaded_row(y + 1));
  }
}

void ByteResizer::load_grey(const ImageView& image) {
  for (int y = 0; y < down_.span; ++y) {
    const std::uint8_t* const row = source_row(image, y);
    if (layout_.components == 3)
      load_luma(row);
    else
      std::copy_n(row + layout_.component[0].offset, across_.span,
                  grey_.begin());
    if (layout_.components == 1 && image.range == ColorRange::kLimited)
      std::transform(grey_.begin(), grey_.begin() + across_.span, grey_.begin(),
                     full_range_grey);
    resize_row(grey_.data(), across_.first.data(), across_.weights.data(),
               across_.taps, across_.outputs(), loaded_row(y));
  }
}

void ByteResizer::load_luma(const std::uint8_t* row) {
  const auto& [red, green, blue] = layout_.component;
  for (int x = 0; x < across_.span; ++x, row += red.step)
    grey_[x] = luma(row[red.offset], row[green.offset], row[blue.offset]);
}

const std::uint8_t* ByteResizer::row(int y) {
  const int count = across_.outputs() * channels_;
  const std::uint8_t* source = loaded_row(down_.first[y]);
  const std::int32_t* const weights =
      down_.weights.data() + static_cast<std::ptrdiff_t>(y) * down_.taps;
  const int taps = std::min(down_.longest, down_.span - down_.first[y]);
  std::fill_n(sums_.begin(), count, kRounding);
  for (int t = 0; t < taps; ++t, source += row_stride_) {
    if (weights[t] != 0)
      add_row(source, weights[t], count, sums_.data());
  }
  clip_row(sums_.data(), count, bytes_.data());
  return bytes_.data();
}

}  // namespace torchclassify
