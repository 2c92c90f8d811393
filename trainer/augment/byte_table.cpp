// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/byte_table.h"

#include <algorithm>
#include <numeric>

#include "preprocess/color.h"

namespace torchclassify {
namespace {

template <typename Function>
ByteTable table_of(Function function) {
  ByteTable table;
  for (int value = 0; value < 256; ++value)
    table[static_cast<std::size_t>(value)] =
        static_cast<std::uint8_t>(function(value));
  return table;
}

ByteTable identity() {
  return table_of([](int value) { return value; });
}

// Where the histogram begins and ends; empty pictures do not come here.
int first_used(const Histogram& histogram) {
  return static_cast<int>(
      std::find_if(histogram.begin(), histogram.end(),
                   [](std::uint32_t count) { return count > 0; }) -
      histogram.begin());
}

int last_used(const Histogram& histogram) {
  return 255 - static_cast<int>(
                   std::find_if(histogram.rbegin(), histogram.rend(),
                                [](std::uint32_t count) { return count > 0; }) -
                   histogram.rbegin());
}

// Image.blend()'s rule for one byte: truncated, and clipped where factor is
// outside [0, 1].
std::uint8_t blended(int from, int to, float factor) {
  const float value =
      static_cast<float>(from) + factor * static_cast<float>(to - from);
  return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

}  // namespace

ByteTable brightness_table(double factor) { return contrast_table(factor, 0); }

ByteTable contrast_table(double factor, int mean_luma) {
  return table_of([&](int value) {
    return blended(mean_luma, value, static_cast<float>(factor));
  });
}

ByteTable posterize_table(int bits) {
  const int mask = ~((1 << (8 - bits)) - 1);
  return table_of([&](int value) { return value & mask; });
}

ByteTable solarize_table(double threshold) {
  return table_of(
      [&](int value) { return value < threshold ? value : 255 - value; });
}

ByteTable invert_table() {
  return table_of([](int value) { return 255 - value; });
}

ByteTable autocontrast_table(const Histogram& histogram) {
  const int low = first_used(histogram);
  const int high = last_used(histogram);
  if (high <= low)
    return identity();
  const double scale = 255.0 / (high - low);
  const double offset = -low * scale;
  return table_of([&](int value) {
    return std::clamp(static_cast<int>(value * scale + offset), 0, 255);
  });
}

ByteTable equalize_table(const Histogram& histogram) {
  const std::uint64_t pixels =
      std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0});
  const std::uint64_t step =
      (pixels - histogram[static_cast<std::size_t>(last_used(histogram))]) /
      255;
  if (step == 0)
    return identity();
  std::uint64_t sum = step / 2;
  return table_of([&](int value) {
    const std::uint64_t level = sum / step;
    sum += histogram[static_cast<std::size_t>(value)];
    return std::min<std::uint64_t>(level, 255);
  });
}

int mean_luma(const Picture& picture) {
  const std::size_t pixels =
      picture.pixels.size() / static_cast<std::size_t>(picture.channels);
  std::uint64_t sum = 0;
  if (picture.channels == 1) {
    for (const std::uint8_t value : picture.pixels) sum += value;
  } else {
    const std::uint8_t* pixel = picture.pixels.data();
    for (std::size_t i = 0; i < pixels; ++i, pixel += 3)
      sum += luma(pixel[0], pixel[1], pixel[2]);
  }
  return static_cast<int>(
      static_cast<double>(sum) / static_cast<double>(pixels) + 0.5);
}

void count_bytes(const Picture& picture, Histograms& histograms) {
  const auto channels = static_cast<std::size_t>(picture.channels);
  for (Histogram& histogram : histograms) histogram.fill(0);
  const std::uint8_t* byte = picture.pixels.data();
  const std::uint8_t* const end = byte + picture.pixels.size();
  while (byte != end) {
    for (std::size_t i = 0; i < channels; ++i) ++histograms[i][*byte++];
  }
}

void apply_table(const ByteTable& table, Picture& picture) {
  for (std::uint8_t& byte : picture.pixels) byte = table[byte];
}

void apply_tables(const ByteTables& tables, Picture& picture) {
  if (picture.channels == 1) {
    apply_table(tables[0], picture);
    return;
  }
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    std::uint8_t* const pixel = picture.pixels.data() + i;
    pixel[0] = tables[0][pixel[0]];
    pixel[1] = tables[1][pixel[1]];
    pixel[2] = tables[2][pixel[2]];
  }
}

}  // namespace torchclassify
