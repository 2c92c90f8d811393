// SPDX-License-Identifier: LGPL-2.1-or-later
// Pillow: src/libImaging/Blend.c, Convert.c (rgb2hsv, hsv2rgb), Filter.c.
#include "augment/color_change.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "augment/byte_table.h"
#include "preprocess/color.h"
#include "preprocess/vectorised.h"

namespace torchclassify {
namespace {

// Pixels taken together, a plane for each channel: the compiler can then work
// on several at once, as long as nothing is computed on a condition.
constexpr int kTogether = 64;
using Channel = std::int32_t[kTogether];

// Of 0 to 255 each.
struct HsvPixels {
  Channel hue, saturation, value;
};

TORCHCLASSIFY_VECTORISED
void to_hsv(const Channel& red, const Channel& green, const Channel& blue,
            HsvPixels& hsv) {
  for (int i = 0; i < kTogether; ++i) {
    const int most = std::max(red[i], std::max(green[i], blue[i]));
    const int least = std::min(red[i], std::min(green[i], blue[i]));
    const bool is_red = red[i] == most;
    const bool is_green = green[i] == most;
    // Hue counts sixths from red (0), green (2) or blue (4).
    const int start = is_red ? 0 : is_green ? 2 : 4;
    const int more = most - (is_red ? blue[i] : is_green ? red[i] : green[i]);
    const int less = most - (is_red ? green[i] : is_green ? blue[i] : red[i]);
    // Grey has neither hue nor saturation: 0 divided by 1.
    const auto range = static_cast<float>(std::max(most - least, 1));
    const auto sixths = static_cast<float>(static_cast<double>(start) +
                                           static_cast<float>(more) / range -
                                           static_cast<float>(less) / range);
    // From 5/6 to 11/6: the rest of 1, without fmod().
    const double turned = sixths / 6.0 + 1.0;
    const auto share = static_cast<float>(turned - static_cast<int>(turned));
    hsv.hue[i] = static_cast<int>(share * 255.0);
    hsv.saturation[i] =
        static_cast<int>(static_cast<float>(most - least) /
                         static_cast<float>(std::max(most, 1)) * 255.0);
    hsv.value[i] = most;
  }
}

// The three levels besides the value that the channels can have.
struct Levels {
  Channel sextant, low, falling, rising;
};

TORCHCLASSIFY_VECTORISED
void find_levels(const HsvPixels& hsv, Levels& levels) {
  for (int i = 0; i < kTogether; ++i) {
    const double place = static_cast<float>(hsv.hue[i]) * 6.0f / 255.0;
    const int sextant = static_cast<int>(place);
    const auto rest = static_cast<float>(place - sextant);
    const auto strength = static_cast<float>(hsv.saturation[i] / 255.0);
    const auto value = static_cast<float>(hsv.value[i]);
    levels.sextant[i] = sextant;
    // Not negative, so that adding a half rounds as round() does.
    levels.low[i] = static_cast<int>(value * (1.0 - strength) + 0.5);
    levels.falling[i] = static_cast<int>(value * (1.0 - strength * rest) + 0.5);
    levels.rising[i] =
        static_cast<int>(value * (1.0 - strength * (1.0 - rest)) + 0.5);
  }
}

TORCHCLASSIFY_VECTORISED
void to_rgb(const Levels& levels, const Channel& value, Channel& red,
            Channel& green, Channel& blue) {
  for (int i = 0; i < kTogether; ++i) {
    const int low = levels.low[i];
    const int falling = levels.falling[i];
    const int rising = levels.rising[i];
    const int sextant = levels.sextant[i] == 6 ? 0 : levels.sextant[i];
    red[i] = sextant == 1                   ? falling
             : sextant == 4                 ? rising
             : sextant == 2 || sextant == 3 ? low
                                            : value[i];
    green[i] = sextant == 0   ? rising
               : sextant == 3 ? falling
               : sextant >= 4 ? low
                              : value[i];
    blue[i] = sextant == 2   ? rising
              : sextant == 5 ? falling
              : sextant <= 1 ? low
                             : value[i];
  }
}

// Blends count bytes of to towards from, in place.
TORCHCLASSIFY_VECTORISED
void blend_row(const std::uint8_t* __restrict from, float factor, int count,
               std::uint8_t* __restrict to) {
  for (int i = 0; i < count; ++i) {
    const float value = static_cast<float>(from[i]) +
                        factor * static_cast<float>(to[i] - from[i]);
    to[i] = static_cast<std::uint8_t>(
        static_cast<int>(std::min(std::max(value, 0.0f), 255.0f)));
  }
}

// Kernel(3 x 3) of ones and a five in the middle, over 13, rounded.
TORCHCLASSIFY_VECTORISED
void smooth_row(const std::uint8_t* __restrict above,
                const std::uint8_t* __restrict row,
                const std::uint8_t* __restrict below, int step, int count,
                std::uint8_t* __restrict output) {
  for (int i = 0; i < count; ++i) {
    const int sum = above[i - step] + above[i] + above[i + step] +
                    row[i - step] + 5 * row[i] + row[i + step] +
                    below[i - step] + below[i] + below[i + step];
    // floor((2 sum + 13) / 26): exact for the sums that occur.
    output[i] = static_cast<std::uint8_t>(((2 * sum + 13) * 40330) >> 20);
  }
}

}  // namespace

void change_saturation(double factor, Picture& picture) {
  if (picture.channels == 1)
    return;
  const auto share = static_cast<float>(factor);
  std::uint8_t grey[3 * kTogether];
  const std::size_t pixels = picture.pixels.size() / 3;
  for (std::size_t begin = 0; begin < pixels; begin += kTogether) {
    const std::size_t count = std::min<std::size_t>(kTogether, pixels - begin);
    std::uint8_t* const rgb = picture.pixels.data() + begin * 3;
    for (std::size_t i = 0; i < count * 3; i += 3)
      grey[i] = grey[i + 1] = grey[i + 2] =
          luma(rgb[i], rgb[i + 1], rgb[i + 2]);
    blend_row(grey, share, static_cast<int>(count * 3), rgb);
  }
}

void turn_hue(double share, Picture& picture) {
  if (picture.channels == 1)
    return;
  const auto turn = static_cast<int>(share * 255);
  Channel red = {};
  Channel green = {};
  Channel blue = {};
  HsvPixels hsv;
  Levels levels;
  const auto pixels = static_cast<std::ptrdiff_t>(picture.pixels.size() / 3);
  for (std::ptrdiff_t begin = 0; begin < pixels; begin += kTogether) {
    std::uint8_t* const rgb = picture.pixels.data() + begin * 3;
    const std::ptrdiff_t count =
        std::min<std::ptrdiff_t>(kTogether, pixels - begin);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      red[i] = rgb[i * 3];
      green[i] = rgb[i * 3 + 1];
      blue[i] = rgb[i * 3 + 2];
    }
    to_hsv(red, green, blue, hsv);
    for (std::int32_t& hue : hsv.hue) hue = (hue + turn) & 255;
    find_levels(hsv, levels);
    to_rgb(levels, hsv.value, red, green, blue);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      rgb[i * 3] = static_cast<std::uint8_t>(red[i]);
      rgb[i * 3 + 1] = static_cast<std::uint8_t>(green[i]);
      rgb[i * 3 + 2] = static_cast<std::uint8_t>(blue[i]);
    }
  }
}

void make_grey(Picture& picture) {
  if (picture.channels == 1)
    return;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    std::uint8_t* const rgb = picture.pixels.data() + i;
    rgb[0] = rgb[1] = rgb[2] = luma(rgb[0], rgb[1], rgb[2]);
  }
}

void sharpen(const Picture& from, double factor, Picture& to) {
  to = from;  // pixels at the edge stay as they are
  if (from.width < 3 || from.height < 3)
    return;
  const int step = from.channels;
  const int stride = from.width * step;
  const int inner = stride - 2 * step;
  constexpr int kChunk = 1024;
  std::uint8_t smooth[kChunk];
  for (int y = 1; y + 1 < from.height; ++y) {
    for (int x = 0; x < inner; x += kChunk) {
      const int count = std::min(kChunk, inner - x);
      const std::ptrdiff_t start =
          static_cast<std::ptrdiff_t>(y) * stride + step + x;
      const std::uint8_t* const row = from.pixels.data() + start;
      smooth_row(row - stride, row, row + stride, step, count, smooth);
      blend_row(smooth, static_cast<float>(factor), count,
                to.pixels.data() + start);
    }
  }
}

}  // namespace torchclassify
