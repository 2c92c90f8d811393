// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames in device memory to a batch of model input: the arithmetic of
// preprocess_reference(), bit for bit where products and sums are not fused
// (nvcc: --fmad=false).
//
// In this order, each of one launch for all pictures: make_upright(),
// make_taps(), preprocess().
#pragma once

#include <cstdint>

#include "cuda/device_code.h"
#include "cuda/float16.h"
#include "cuda/preprocess_plan.h"

namespace torchclassify::cuda {

// Source pixels of a resized one: first, and count weights.
struct Taps {
  int first;
  int count;
};

// What a plan's pictures share in device memory.
struct Workspace {
  Taps* taps;
  std::int32_t* weights;
  std::uint8_t* upright;
};

// preprocess/resample.h.
inline constexpr int kWeightBits = 32 - 8 - 2;
inline constexpr std::int32_t kRounding = 1 << (kWeightBits - 1);

TORCHCLASSIFY_DEVICE int smaller(int a, int b) { return a < b ? a : b; }
TORCHCLASSIFY_DEVICE int larger(int a, int b) { return a > b ? a : b; }
TORCHCLASSIFY_DEVICE int clamped(int value, int least, int most) {
  return larger(least, smaller(value, most));
}

TORCHCLASSIFY_DEVICE int clip_to_byte(std::int32_t sum) {
  return clamped(sum >> kWeightBits, 0, 255);
}

struct Color {
  int value[3];  // R'G'B', bytes
};

TORCHCLASSIFY_DEVICE int sample(const Samples& from, int x, int y) {
  return from.first[(y >> from.shift_y) * from.stride +
                    (x >> from.shift_x) * from.step + from.offset];
}

TORCHCLASSIFY_DEVICE int to_byte(float value) {
  const float rounded = value + 0.5f;
  return rounded < 0.0f     ? 0
         : rounded > 255.0f ? 255
                            : static_cast<int>(rounded);
}

// At a column and row of the part.
TORCHCLASSIFY_DEVICE Color color_at(const Source& source, int x, int y) {
  x += source.x;
  y += source.y;
  const int first = sample(source.samples[0], x, y);
  if (source.components == 1) {
    const int stretched =
        ((first - 16) * 255 + (first < 16 ? -109 : 109)) / 219;
    const int grey = source.limited ? clamped(stretched, 0, 255) : first;
    return {{grey, grey, grey}};
  }
  const int second = sample(source.samples[1], x, y);
  const int third = sample(source.samples[2], x, y);
  if (!source.yuv)
    return {{first, second, third}};
  const float luma =
      (static_cast<float>(first) - source.y_offset) * source.y_scale;
  Color color{};
  for (int i = 0; i < 3; ++i)
    color.value[i] =
        to_byte(luma + static_cast<float>(second - 128) * source.u[i] +
                static_cast<float>(third - 128) * source.v[i]);
  return color;
}

// --- make_upright: a block has 256 pixels of the turned part in its row z ---

inline constexpr int kUprightPixels = 256;

// A position along a side, as in preprocess/upright.cpp.
struct Between {
  int low;
  int high;
  double share;
};

TORCHCLASSIFY_DEVICE Between between(double position, int side) {
  double middle = position - 0.5;
  if (middle < -1)
    middle = -1;
  if (middle > side)
    middle = side;
  const int below = static_cast<int>(middle + 1) - 1;
  return {clamped(below, 0, side - 1), clamped(below + 1, 0, side - 1),
          middle - below};
}

TORCHCLASSIFY_DEVICE void upright_pixel(const TurnedPart& part, int pixel,
                                        std::uint8_t* to) {
  const double column = pixel % part.width + 0.5;
  const double row = pixel / part.width + 0.5;
  const Between x =
      between(part.across[0] * column + part.down[0] * row + part.corner[0],
              part.source.width);
  const Between y =
      between(part.across[1] * column + part.down[1] * row + part.corner[1],
              part.source.height);
  const Color a = color_at(part.source, x.low, y.low);
  const Color b = color_at(part.source, x.high, y.low);
  const Color c = color_at(part.source, x.low, y.high);
  const Color d = color_at(part.source, x.high, y.high);
  for (int i = 0; i < 3; ++i) {
    const double top = a.value[i] + (b.value[i] - a.value[i]) * x.share;
    const double bottom = c.value[i] + (d.value[i] - c.value[i]) * x.share;
    to[i] = static_cast<std::uint8_t>(top + (bottom - top) * y.share);
  }
}

TORCHCLASSIFY_DEVICE void make_upright(const Block& block,
                                       const TurnedPart* parts,
                                       const Workspace& workspace) {
  const TurnedPart& part = parts[block.z];
  const int pixels = part.width * part.height;
  const int begin = block.x * kUprightPixels;
  const int end = smaller(begin + kUprightPixels, pixels);
  for (int i = begin + block.thread; i < end; i += block.threads)
    upright_pixel(part, i,
                  workspace.upright + part.pixels + std::int64_t{3} * i);
}

// --- make_taps: a block has 64 pixels of the axis y of picture z ---

inline constexpr int kTapsPixels = 64;

TORCHCLASSIFY_DEVICE double filter(double x, bool bicubic) {
  constexpr double a = -0.5;
  x = x < 0 ? -x : x;
  if (!bicubic)
    return x < 1.0 ? 1.0 - x : 0.0;
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

TORCHCLASSIFY_DEVICE std::int32_t fixed_weight(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

// precompute_coeffs() of Pillow for one output pixel.
TORCHCLASSIFY_DEVICE Taps taps_at(int position, const ResizedAxis& axis,
                                  bool bicubic, std::int32_t* weights) {
  const double scale =
      static_cast<double>(axis.source) / static_cast<double>(axis.resized);
  const double filter_scale = scale > 1.0 ? scale : 1.0;
  const double support = (bicubic ? 2.0 : 1.0) * filter_scale;
  const double step = 1.0 / filter_scale;
  const double centre = (position + 0.5) * scale;
  const double left = centre - support + 0.5;
  const int first = left > 0.0 ? static_cast<int>(left) : 0;
  const int last =
      smaller(static_cast<int>(centre + support + 0.5), axis.source);
  double sum = 0.0;
  for (int x = first; x < last; ++x)
    sum += filter((x - centre + 0.5) * step, bicubic);
  for (int x = first; x < last; ++x) {
    const double weight = filter((x - centre + 0.5) * step, bicubic);
    weights[x - first] = fixed_weight(sum != 0.0 ? weight / sum : weight);
  }
  return {first, last - first};
}

TORCHCLASSIFY_DEVICE void make_taps(const Block& block, const Input& input,
                                    const Picture* pictures,
                                    const Workspace& workspace) {
  const Picture& picture = pictures[block.z];
  const ResizedAxis& axis = block.y == 0 ? picture.x : picture.y;
  const int begin = block.x * kTapsPixels;
  const int end = smaller(begin + kTapsPixels, axis.count);
  for (int i = begin + block.thread; i < end; i += block.threads) {
    std::int32_t* weights = workspace.weights + axis.weights +
                            static_cast<std::int64_t>(i) * axis.most_taps;
    const int position = axis.begin + i;
    Taps& taps = workspace.taps[axis.first_tap + i];
    if (axis.source == axis.resized) {  // Pillow leaves this axis alone
      taps = {position, 1};
      weights[0] = 1 << kWeightBits;
    } else {
      taps = taps_at(position, axis, input.bicubic != 0, weights);
    }
  }
}

// --- preprocess: a block has a tile of the input of picture z ---

inline constexpr int kTileWidth = 32;
inline constexpr int kTileHeight = 8;
inline constexpr int kTilePixels = kTileWidth * kTileHeight;
inline constexpr int kStagedRows = 32;  // at a time

TORCHCLASSIFY_DEVICE int luma(const Color& color) {
  return (color.value[0] * 19595 + color.value[1] * 38470 +
          color.value[2] * 7471 + 0x8000) >>
         16;
}

// One of an axis's pixels, counted in the input.
struct AxisTaps {
  const std::int32_t* weights;  // null: padding
  int first;
  int count;
};

TORCHCLASSIFY_DEVICE AxisTaps taps_of(const ResizedAxis& axis, int place,
                                      const Workspace& workspace) {
  const int index = place - axis.place;
  if (index < 0 || index >= axis.count)
    return {nullptr, 0, 0};
  const Taps& taps = workspace.taps[axis.first_tap + index];
  return {workspace.weights + axis.weights +
              static_cast<std::int64_t>(index) * axis.most_taps,
          taps.first, taps.count};
}

// A resized row's pixel.
TORCHCLASSIFY_DEVICE void resize_across(const Source& source, int row,
                                        const AxisTaps& taps, int channels,
                                        std::uint8_t* to) {
  std::int32_t sum[3] = {kRounding, kRounding, kRounding};
  for (int i = 0; i < taps.count; ++i) {
    const Color color = color_at(source, taps.first + i, row);
    const std::int32_t weight = taps.weights[i];
    if (channels == 1) {
      const int grey = source.components == 1 ? color.value[0] : luma(color);
      sum[0] += grey * weight;
    } else {
      for (int j = 0; j < 3; ++j) sum[j] += color.value[j] * weight;
    }
  }
  for (int j = 0; j < channels; ++j)
    to[j] = static_cast<std::uint8_t>(clip_to_byte(sum[j]));
}

// The upright picture in the workspace, if there is one.
TORCHCLASSIFY_DEVICE Source source_of(const Picture& picture,
                                      const Workspace& workspace) {
  if (picture.upright < 0)
    return picture.source;
  Source source{};
  source.components = 3;
  for (int i = 0; i < 3; ++i)
    source.samples[i] = {workspace.upright + picture.upright,
                         std::int64_t{3} * picture.x.source,
                         i,
                         3,
                         0,
                         0};
  return source;
}

// A block's part of the input.
struct Tile {
  int left;
  int top;
};

// Source rows from begin on, before end.
struct Rows {
  int begin;
  int end;
};

// All that the tile's rows are made of: rows that follow each other need source
// rows that do.
TORCHCLASSIFY_DEVICE Rows rows_of(const Tile& tile, const Input& input,
                                  const ResizedAxis& axis,
                                  const Workspace& workspace) {
  const int upper = larger(tile.top, axis.place);
  const int lower = smaller(smaller(tile.top + kTileHeight, input.height),
                            axis.place + axis.count) -
                    1;
  if (upper > lower)
    return {0, 0};
  const AxisTaps last = taps_of(axis, lower, workspace);
  return {taps_of(axis, upper, workspace).first, last.first + last.count};
}

// staged: [rows, kTileWidth, 3], resized across.
TORCHCLASSIFY_DEVICE void stage_rows(const Block& block, const Tile& tile,
                                     const Rows& rows, const Input& input,
                                     const Picture& picture,
                                     const Workspace& workspace,
                                     std::uint8_t* staged) {
  const Source source = source_of(picture, workspace);
  const int pixels = (rows.end - rows.begin) * kTileWidth;
  for (int i = block.thread; i < pixels; i += block.threads) {
    const int column = tile.left + i % kTileWidth;
    const AxisTaps taps = taps_of(picture.x, column, workspace);
    if (column < input.width && taps.weights)
      resize_across(source, rows.begin + i / kTileWidth, taps, input.channels,
                    staged + 3 * i);
  }
}

// sums: [kTileHeight, kTileWidth, 3].
TORCHCLASSIFY_DEVICE void add_rows(const Block& block, const Tile& tile,
                                   const Rows& rows, const Input& input,
                                   const ResizedAxis& axis,
                                   const Workspace& workspace,
                                   const std::uint8_t* staged,
                                   std::int32_t* sums) {
  for (int i = block.thread; i < kTilePixels; i += block.threads) {
    const AxisTaps taps = taps_of(axis, tile.top + i / kTileWidth, workspace);
    const int first = larger(taps.first, rows.begin);
    const int last = smaller(taps.first + taps.count, rows.end);
    for (int row = first; row < last; ++row) {
      const std::uint8_t* from =
          staged + 3 * ((row - rows.begin) * kTileWidth + i % kTileWidth);
      const std::int32_t weight = taps.weights[row - taps.first];
      for (int j = 0; j < input.channels; ++j)
        sums[3 * i + j] += from[j] * weight;
    }
  }
}

template <typename Element>
TORCHCLASSIFY_DEVICE void write_tile(const Block& block, const Tile& tile,
                                     const Input& input, const Picture& picture,
                                     const Workspace& workspace,
                                     const std::int32_t* sums,
                                     Element* output) {
  for (int i = block.thread; i < kTilePixels; i += block.threads) {
    const int x = tile.left + i % kTileWidth;
    const int y = tile.top + i / kTileWidth;
    if (x >= input.width || y >= input.height)
      continue;
    const bool inside = taps_of(picture.x, x, workspace).weights &&
                        taps_of(picture.y, y, workspace).weights;
    const std::int64_t pixel = static_cast<std::int64_t>(y) * input.width + x;
    for (int j = 0; j < input.channels; ++j) {
      const int byte = inside ? clip_to_byte(sums[3 * i + j]) : input.pad_value;
      const float scaled = static_cast<float>(byte) / 255.0f;
      store((scaled - input.mean[j]) / input.std[j],
            output + pixel * input.channels + j);
    }
  }
}

// output: [pictures, height, width, channels].
template <typename Element>
TORCHCLASSIFY_DEVICE void preprocess(const Block& block, const Input& input,
                                     const Picture* pictures,
                                     const Workspace& workspace,
                                     Element* output) {
  TORCHCLASSIFY_SHARED std::uint8_t staged[kStagedRows * kTileWidth * 3];
  TORCHCLASSIFY_SHARED std::int32_t sums[kTilePixels * 3];
  const Picture& picture = pictures[block.z];
  const Tile tile = {block.x * kTileWidth, block.y * kTileHeight};
  for (int i = block.thread; i < kTilePixels * 3; i += block.threads)
    sums[i] = kRounding;
  const Rows all = rows_of(tile, input, picture.y, workspace);
  for (int row = all.begin; row < all.end; row += kStagedRows) {
    const Rows rows = {row, smaller(row + kStagedRows, all.end)};
    sync();
    stage_rows(block, tile, rows, input, picture, workspace, staged);
    sync();
    add_rows(block, tile, rows, input, picture.y, workspace, staged, sums);
  }
  // Of its own pixels only, each thread has added to and reads the sums.
  const std::int64_t elements =
      static_cast<std::int64_t>(input.height) * input.width * input.channels;
  write_tile(block, tile, input, picture, workspace, sums,
             output + block.z * elements);
}

}  // namespace torchclassify::cuda
