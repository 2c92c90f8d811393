// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures to a batch of model input: the arithmetic of preprocess_reference(),
// bit for bit where products and sums are not fused (nvcc: --fmad=false). One
// launch for all pictures, after make_upright() and make_taps() for the same.
#pragma once

#include <cstdint>

#include "cuda/device_code.h"
#include "cuda/float16.h"
#include "cuda/pixels.h"
#include "cuda/preprocess_plan.h"
#include "cuda/taps_kernel.h"
#include "cuda/workspace.h"

namespace torchclassify::cuda {

// Of the input, in a block.
inline constexpr int kTileWidth = 32;
inline constexpr int kTileHeight = 8;
inline constexpr int kTilePixels = kTileWidth * kTileHeight;
inline constexpr int kStagedRows = 32;  // at a time

inline Grid preprocess_grid(const Input& input, int pictures) {
  return {blocks(input.width, kTileWidth), blocks(input.height, kTileHeight),
          pictures};
}

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

// Block (x, y, z) has a tile of picture z. output: [pictures, height, width,
// channels].
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
