// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/byte_path.h"

#include <algorithm>

#include "preprocess/color.h"
#include "preprocess/kernels.h"

namespace torchclassify {

void BytePath::run(const ImageView& image, float* output) {
  prepare(image);
  resize_rows(image);
  write(output);
}

void BytePath::prepare(const ImageView& image) {
  layout_ = layout_of(image.format);
  channels_ = std::min(layout_.components, preprocessing_.channels);
  const Geometry geometry =
      geometry_of(image.width, image.height, preprocessing_);
  if (geometry_ != geometry) {
    const auto filter = preprocessing_.interpolation;
    across_ = make_tap_table<std::int32_t>(resample_taps(geometry.x, filter));
    down_ = make_tap_table<std::int32_t>(resample_taps(geometry.y, filter));
    geometry_ = geometry;
  }
  const auto outputs = static_cast<std::size_t>(across_.outputs());
  for (int i = 0; i < layout_.components; ++i)
    source_[i].resize(static_cast<std::size_t>(across_.padded_span()));
  for (int i = 0; i < channels_; ++i)
    rows_[i].resize(outputs * static_cast<std::size_t>(down_.span));
  sums_.resize(outputs);
  bytes_.resize(outputs);
}

void BytePath::resize_rows(const ImageView& image) {
  const int outputs = across_.outputs();
  for (int y = 0; y < down_.span; ++y) {
    load_row(image, static_cast<int>(down_.origin) + y);
    for (int i = 0; i < channels_; ++i)
      resize_row(source_[i].data(), across_.first.data(),
                 across_.weights.data(), across_.taps, outputs,
                 rows_[i].data() + static_cast<std::ptrdiff_t>(y) * outputs);
  }
}

// The part of the source row that is needed, a plane for each channel.
void BytePath::load_row(const ImageView& image, int y) {
  const std::uint8_t* const row = image.planes[0].data +
                                  y * image.planes[0].stride +
                                  across_.origin * layout_.component[0].step;
  if (layout_.components == 3 && channels_ == 1) {
    load_luma(row);
    return;
  }
  for (int i = 0; i < channels_; ++i)
    gather_row(row + layout_.component[i].offset, layout_.component[i].step,
               across_.span, source_[i].data());
  if (layout_.components == 1 && image.range == ColorRange::kLimited)
    std::transform(source_[0].begin(), source_[0].begin() + across_.span,
                   source_[0].begin(), full_range_grey);
}

void BytePath::load_luma(const std::uint8_t* row) {
  const auto& [red, green, blue] = layout_.component;
  for (int x = 0; x < across_.span; ++x, row += red.step)
    source_[0][x] = luma(row[red.offset], row[green.offset], row[blue.offset]);
}

void BytePath::write(float* output) {
  const std::ptrdiff_t width = preprocessing_.crop_width;
  const std::int64_t top = std::max<std::int64_t>(0, -geometry_->y.first);
  for (int channel = 0; channel < preprocessing_.channels; ++channel) {
    const float pad = normaliser_.of_byte(
        channel, static_cast<std::uint8_t>(preprocessing_.pad_value));
    for (int y = 0; y < preprocessing_.crop_height; ++y, output += width) {
      std::fill_n(output, width, pad);
      if (y >= top && y < top + down_.outputs())
        write_row(channel, y - static_cast<int>(top), output);
    }
  }
}

void BytePath::write_row(int channel, int y, float* output) {
  const int outputs = across_.outputs();
  const std::uint8_t* row =
      rows_[std::min(channel, channels_ - 1)].data() +
      static_cast<std::ptrdiff_t>(down_.first[y]) * outputs;
  const std::int32_t* const weights =
      down_.weights.data() + static_cast<std::ptrdiff_t>(y) * down_.taps;
  const int taps = std::min(down_.taps, down_.span - down_.first[y]);
  std::fill(sums_.begin(), sums_.end(), kRounding);
  for (int t = 0; t < taps; ++t, row += outputs) {
    if (weights[t] != 0)
      add_row(row, weights[t], outputs, sums_.data());
  }
  clip_row(sums_.data(), outputs, bytes_.data());
  output += std::max<std::int64_t>(0, -geometry_->x.first);
  for (int x = 0; x < outputs; ++x)
    output[x] = normaliser_.of_byte(channel, bytes_[x]);
}

}  // namespace torchclassify
