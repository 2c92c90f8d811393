// SPDX-License-Identifier: LGPL-2.1-or-later
// The inner loops of preprocessing, compiled for several processors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace torchclassify {

// Fixed-point weights are padded with zeros to whole groups, so that a
// processor can take a group at a time; what they are multiplied with must be
// readable that far.
inline constexpr int kTapGroup = 8;

// output[i] = clip_to_byte(sum of source[first[i] + t] * weights[i * taps +
// t]), with Pillow's fixed point. taps: a multiple of kTapGroup.
void resize_row(const std::uint8_t* source, const std::int32_t* first,
                const std::int32_t* weights, int taps, int count,
                std::uint8_t* output);

// Colour pixels of two rows side by side, so that no sum runs across a vector:
// [x][row][4], the fourth value unused. source is spread from bytes into that
// of one row; offsets: of R, G and B in a pixel of step bytes.
inline constexpr int kPixelPair = 8;
void spread_pixels(const std::uint8_t* source, int step, const int* offsets,
                   int count, std::int32_t* output);

// As resize_row() for both rows of pairs at once: upper and lower get 3 bytes a
// pixel and one more, of no meaning, at the end. taps: at most stride, the
// weights of an output.
void resize_pixels(const std::int32_t* source, const std::int32_t* first,
                   const std::int32_t* weights, int taps, int stride, int count,
                   std::uint8_t* upper, std::uint8_t* lower);

// Rows resized together: one vector holds a pixel of each, so that no sum runs
// across a vector.
inline constexpr int kRowGroup = 8;

// For each row r of the group: output[i * kRowGroup + r] = sum of
// source[(first[i] + t) * kRowGroup + r] * weights[i * taps + t].
void resize_rows(const float* source, const std::int32_t* first,
                 const float* weights, int taps, int count, float* output);

// output[i * kRowGroup] = source[i * step]: one row into its group.
void scatter_row(const float* source, int step, int count, float* output);

// sum[i] += source[i] * weight.
void add_row(const std::uint8_t* source, std::int32_t weight, int count,
             std::int32_t* sum);
void add_row(const std::uint8_t* source, float weight, int count, float* sum);

// output[i] = clip_to_byte(sum[i]).
void clip_row(const std::int32_t* sum, int count, std::uint8_t* output);

// output[i] = source[i * step].
void gather_row(const std::uint8_t* source, int step, int count,
                std::uint8_t* output);
void gather_row(const float* source, int step, int count, float* output);

// output[i] = clamp(y[i] * y_scale + u[i] * u_scale + v[i] * v_scale + bias,
// 0, 255) * scale + offset.
struct ColorRow {
  float y_scale;
  float u_scale;
  float v_scale;
  float bias;
  float scale;
  float offset;
};
void color_row(const float* y, const float* u, const float* v,
               const ColorRow& color, int count, float* output);

}  // namespace torchclassify
