// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/yuv_path.h"

#include <algorithm>

#include "preprocess/color.h"
#include "preprocess/kernels.h"

namespace torchclassify {
namespace {

// The same resampling of samples that each stand for 2^shift pixels, of a
// picture that begins at the pixel `phase` of its first sample.
std::vector<Taps> fold(std::vector<Taps> taps, int shift, int phase) {
  for (Taps& tap : taps) {
    tap.first += phase;
    if (shift == 0)
      continue;
    const std::int64_t first = tap.first >> shift;
    const auto last =
        (tap.first + static_cast<std::int64_t>(tap.weights.size()) - 1) >>
        shift;
    std::vector<double> folded(static_cast<std::size_t>(last - first + 1));
    for (std::size_t i = 0; i < tap.weights.size(); ++i) {
      const auto x = tap.first + static_cast<std::int64_t>(i);
      folded[static_cast<std::size_t>((x >> shift) - first)] += tap.weights[i];
    }
    tap = {first, std::move(folded)};
  }
  return taps;
}

// Grey input is the luma of the converted colours: one row more of the matrix.
ColorRow color_row_of(const YuvToRgb& matrix, int channel, int channels) {
  constexpr float kLuma[] = {19595 / 65536.0f, 38470 / 65536.0f,
                             7471 / 65536.0f};
  float u = matrix.u[channel];
  float v = matrix.v[channel];
  if (channels == 1) {
    u = v = 0;
    for (int i = 0; i < 3; ++i) {
      u += kLuma[i] * matrix.u[i];
      v += kLuma[i] * matrix.v[i];
    }
  }
  return {.y_scale = matrix.y_scale,
          .u_scale = u,
          .v_scale = v,
          .bias = -matrix.y_offset * matrix.y_scale - 128 * u - 128 * v,
          .scale = 1,
          .offset = 0};
}

}  // namespace

YuvPath::YuvPath(const Preprocessing& preprocessing)
    : preprocessing_(preprocessing), normaliser_(preprocessing) {}

void YuvPath::run(const ImageView& image, float* output) {
  prepare(image);
  for (int i = 0; i < layout_.components; ++i) resize(image, i);
  write(image, output);
}

void YuvPath::prepare(const ImageView& image) {
  const Geometry geometry =
      geometry_of(image.width, image.height, preprocessing_);
  const int phase_x = image.x % 2;
  const int phase_y = image.y % 2;
  if (geometry_ == geometry && format_ == image.format && phase_x_ == phase_x &&
      phase_y_ == phase_y)
    return;
  layout_ = layout_of(image.format);
  components_.resize(static_cast<std::size_t>(layout_.components));
  const auto filter = preprocessing_.interpolation;
  const auto across = resample_taps(geometry.x, filter);
  const auto down = resample_taps(geometry.y, filter);
  for (int i = 0; i < layout_.components; ++i) {
    ComponentPath& path = components_[i];
    path.across = make_tap_table<float>(
        fold(across, layout_.component[i].shift_x, phase_x));
    path.down = make_tap_table<float>(
        fold(down, layout_.component[i].shift_y, phase_y));
    path.resized.resize(across.size() * down.size());
  }
  geometry_ = geometry;
  format_ = image.format;
  phase_x_ = phase_x;
  phase_y_ = phase_y;
}

void YuvPath::resize(const ImageView& image, int component) {
  ComponentPath& path = components_[component];
  const Component& where = layout_.component[component];
  const Plane& plane = image.planes[where.plane];
  // Up to the last sample's byte, not to the end of its group.
  const int row_bytes = (path.across.span - 1) * where.step + 1;
  sums_.resize(static_cast<std::size_t>(row_bytes));
  samples_.assign(
      static_cast<std::size_t>(path.across.padded_span()) * kRowGroup, 0.0f);
  const int outputs = path.across.outputs();
  group_.resize(static_cast<std::size_t>(outputs) * kRowGroup);
  // The tables begin at the even pixel at or before the picture's first.
  const auto left = (image.x - phase_x_) >> where.shift_x;
  const auto top = (image.y - phase_y_) >> where.shift_y;
  const std::uint8_t* const origin = plane.data + where.offset +
                                     (left + path.across.origin) * where.step +
                                     (top + path.down.origin) * plane.stride;
  const float* weights = path.down.weights.data();
  const int rows = path.down.outputs();
  for (int y = 0; y < rows; ++y) {
    std::fill(sums_.begin(), sums_.end(), 0.0f);
    for (int t = 0; t < path.down.taps; ++t, ++weights) {
      if (*weights != 0.0f)
        add_row(origin + (path.down.first[y] + t) * plane.stride, *weights,
                row_bytes, sums_.data());
    }
    const int member = y % kRowGroup;
    scatter_row(sums_.data(), where.step, path.across.span,
                samples_.data() + member);
    if (member + 1 < kRowGroup && y + 1 < rows)
      continue;
    resize_rows(samples_.data(), path.across.first.data(),
                path.across.weights.data(), path.across.taps, outputs,
                group_.data());
    for (int i = 0; i <= member; ++i)
      gather_row(group_.data() + i, kRowGroup, outputs,
                 path.resized.data() +
                     static_cast<std::ptrdiff_t>(y - member + i) * outputs);
  }
}

void YuvPath::write(const ImageView& image, float* output) {
  const std::ptrdiff_t width = preprocessing_.crop_width;
  const std::ptrdiff_t across = components_[0].across.outputs();
  const int down = components_[0].down.outputs();
  const std::int64_t left = std::max<std::int64_t>(0, -geometry_->x.first);
  const std::int64_t top = std::max<std::int64_t>(0, -geometry_->y.first);
  const YuvToRgb matrix = yuv_to_rgb(image.matrix, image.range);
  for (int channel = 0; channel < preprocessing_.channels; ++channel) {
    ColorRow color = color_row_of(matrix, channel, preprocessing_.channels);
    color.scale = normaliser_.scale(channel);
    color.offset = normaliser_.offset(channel);
    const float pad = normaliser_.of_byte(
        channel, static_cast<std::uint8_t>(preprocessing_.pad_value));
    for (int y = 0; y < preprocessing_.crop_height; ++y, output += width) {
      if (across < width || down < preprocessing_.crop_height)
        std::fill_n(output, width, pad);
      if (y < top || y >= top + down)
        continue;
      const std::ptrdiff_t row = (y - top) * across;
      color_row(components_[0].resized.data() + row,
                components_[1].resized.data() + row,
                components_[2].resized.data() + row, color,
                static_cast<int>(across), output + left);
    }
  }
}

}  // namespace torchclassify
