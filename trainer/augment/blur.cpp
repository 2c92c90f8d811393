// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/blur.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "augment/affine.h"
#include "preprocess/kernels.h"
#include "preprocess/vectorised.h"

namespace torchclassify {
namespace {

// sums[i] = sum of row[i + t * step] * half[|t|], row readable to both sides.
TORCHCLASSIFY_VECTORISED
void blur_across(const float* __restrict row, const float* __restrict half,
                 int radius, int step, int count, float* __restrict sums) {
  for (int i = 0; i < count; ++i) sums[i] = row[i] * half[0];
  for (int t = 1; t <= radius; ++t) {
    const float* const left = row - t * step;
    const float* const right = row + t * step;
    for (int i = 0; i < count; ++i) sums[i] += (left[i] + right[i]) * half[t];
  }
}

TORCHCLASSIFY_VECTORISED
void round_row(const float* __restrict sums, int count,
               std::uint8_t* __restrict output) {
  for (int i = 0; i < count; ++i)
    output[i] = static_cast<std::uint8_t>(static_cast<int>(sums[i] + 0.5f));
}

}  // namespace

void GaussianBlur::run(double sigma, Picture& picture) {
  set_kernel(sigma);
  const int radius = static_cast<int>(half_.size()) - 1;
  const int step = picture.channels;
  const int count = picture.width * step;
  const int border = radius * step;
  row_.resize(static_cast<std::size_t>(count + 2 * border));
  sums_.resize(static_cast<std::size_t>(count));
  blurred_.resize(picture.pixels.size());
  float* const row = row_.data() + border;
  for (int y = 0; y < picture.height; ++y) {
    blur_down(picture, y);
    for (int x = 1; x <= radius; ++x) {
      std::copy_n(
          row + border_index(-x, picture.width, Border::kReflect) * step, step,
          row - x * step);
      const int beyond = picture.width - 1 + x;
      std::copy_n(
          row + border_index(beyond, picture.width, Border::kReflect) * step,
          step, row + beyond * step);
    }
    blur_across(row, half_.data(), radius, step, count, sums_.data());
    round_row(sums_.data(), count,
              blurred_.data() + static_cast<std::ptrdiff_t>(y) * count);
  }
  std::swap(picture.pixels, blurred_);
}

void GaussianBlur::set_kernel(double sigma) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  half_.resize(static_cast<std::size_t>(radius) + 1);
  float sum = 0;
  for (int t = 0; t <= radius; ++t) {
    const double distance = t / sigma;
    half_[t] = static_cast<float>(std::exp(-0.5 * distance * distance));
    sum += t == 0 ? half_[t] : 2 * half_[t];
  }
  for (float& weight : half_) weight /= sum;
}

void GaussianBlur::blur_down(const Picture& picture, int y) {
  const int radius = static_cast<int>(half_.size()) - 1;
  const int count = picture.width * picture.channels;
  float* const row = row_.data() + radius * picture.channels;
  std::fill_n(row, count, 0.0f);
  for (int t = -radius; t <= radius; ++t) {
    const int from = border_index(y + t, picture.height, Border::kReflect);
    add_row(picture.pixels.data() + static_cast<std::ptrdiff_t>(from) * count,
            half_[static_cast<std::size_t>(std::abs(t))], count, row);
  }
}

}  // namespace torchclassify
