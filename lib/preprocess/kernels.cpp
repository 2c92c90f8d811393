// SPDX-License-Identifier: LGPL-2.1-or-later
#include "preprocess/kernels.h"

#include <algorithm>
#include <cstring>

#include "preprocess/resample.h"
#include "preprocess/vectorised.h"

namespace torchclassify {

TORCHCLASSIFY_VECTORISED
void resize_row(const std::uint8_t* source, const std::int32_t* first,
                const std::int32_t* weights, int taps, int count,
                std::uint8_t* output) {
  for (int i = 0; i < count; ++i, weights += taps) {
    const std::uint8_t* const begin = source + first[i];
    std::int32_t sums[kTapGroup] = {kRounding};
    for (int group = 0; group < taps; group += kTapGroup) {
      for (int t = 0; t < kTapGroup; ++t)
        sums[t] += begin[group + t] * weights[group + t];
    }
    std::int32_t sum = 0;
    for (int t = 0; t < kTapGroup; ++t) sum += sums[t];
    output[i] = clip_to_byte(sum);
  }
}

void spread_pixels(const std::uint8_t* source, int step, const int* offsets,
                   int count, std::int32_t* output) {
  const std::uint8_t* const red = source + offsets[0];
  const std::uint8_t* const green = source + offsets[1];
  const std::uint8_t* const blue = source + offsets[2];
  for (int i = 0; i < count; ++i, output += kPixelPair) {
    output[0] = red[i * step];
    output[1] = green[i * step];
    output[2] = blue[i * step];
  }
}

using PixelPair =
    std::int32_t __attribute__((vector_size(kPixelPair * sizeof(std::int32_t)),
                                aligned(sizeof(std::int32_t)), may_alias));
using PixelPairBytes =
    std::uint8_t __attribute__((vector_size(sizeof(PixelPair))));

TORCHCLASSIFY_VECTORISED
void resize_pixels(const std::int32_t* source, const std::int32_t* first,
                   const std::int32_t* weights, int taps, int stride, int count,
                   std::uint8_t* upper, std::uint8_t* lower) {
  const auto* const in = reinterpret_cast<const PixelPair*>(source);
  const PixelPair zero = {};
  const PixelPair most = zero + 255;
  for (int i = 0; i < count; ++i, weights += stride) {
    PixelPair sum = zero + kRounding;
    for (int t = 0; t < taps; ++t) sum += in[first[i] + t] * weights[t];
    sum >>= kWeightBits;
    sum = sum < zero ? zero : sum;
    sum = sum > most ? most : sum;
    const auto bytes = reinterpret_cast<PixelPairBytes>(sum);
    // The lowest byte of each value (little-endian): __builtin_convertvector()
    // would go one by one.
    const auto low =
        __builtin_shufflevector(bytes, bytes, 0, 4, 8, 12, 16, 20, 24, 28);
    std::memcpy(upper + i * 3, &low, 4);
    std::memcpy(lower + i * 3, reinterpret_cast<const char*>(&low) + 4, 4);
  }
}

// GCC's and Clang's vector type: their loop vectorisers miss this one.
using RowGroup = float __attribute__((vector_size(kRowGroup * sizeof(float)),
                                      aligned(sizeof(float)), may_alias));

TORCHCLASSIFY_VECTORISED
void resize_rows(const float* source, const std::int32_t* first,
                 const float* weights, int taps, int count, float* output) {
  const auto* const in = reinterpret_cast<const RowGroup*>(source);
  auto* const out = reinterpret_cast<RowGroup*>(output);
  for (int i = 0; i < count; ++i, weights += taps) {
    RowGroup sum = {};
    for (int t = 0; t < taps; ++t) sum += in[first[i] + t] * weights[t];
    out[i] = sum;
  }
}

TORCHCLASSIFY_VECTORISED
void add_row(const std::uint8_t* __restrict source, std::int32_t weight,
             int count, std::int32_t* __restrict sum) {
  for (int i = 0; i < count; ++i) sum[i] += source[i] * weight;
}

TORCHCLASSIFY_VECTORISED
void add_row(const std::uint8_t* __restrict source, float weight, int count,
             float* __restrict sum) {
  for (int i = 0; i < count; ++i)
    sum[i] += static_cast<float>(source[i]) * weight;
}

TORCHCLASSIFY_VECTORISED
void clip_row(const std::int32_t* __restrict sum, int count,
              std::uint8_t* __restrict output) {
  for (int i = 0; i < count; ++i) output[i] = clip_to_byte(sum[i]);
}

void gather_row(const std::uint8_t* source, int step, int count,
                std::uint8_t* output) {
  for (int i = 0; i < count; ++i) output[i] = source[i * step];
}

void gather_row(const float* source, int step, int count, float* output) {
  for (int i = 0; i < count; ++i) output[i] = source[i * step];
}

void scatter_row(const float* source, int step, int count, float* output) {
  for (int i = 0; i < count; ++i) output[i * kRowGroup] = source[i * step];
}

TORCHCLASSIFY_VECTORISED
void color_row(const float* __restrict y, const float* __restrict u,
               const float* __restrict v, const ColorRow& color, int count,
               float* __restrict output) {
  const ColorRow c = color;
  for (int i = 0; i < count; ++i) {
    const float value =
        y[i] * c.y_scale + u[i] * c.u_scale + v[i] * c.v_scale + c.bias;
    output[i] = std::min(std::max(value, 0.0f), 255.0f) * c.scale + c.offset;
  }
}

}  // namespace torchclassify
