// SPDX-License-Identifier: LGPL-2.1-or-later
// Operations that change each byte by itself: a table of 256 results, as
// Pillow's ImageOps and ImageEnhance have them, bit for bit.
#pragma once

#include <array>
#include <cstdint>

#include "torchclassify/train/picture.h"

namespace torchclassify {

using ByteTable = std::array<std::uint8_t, 256>;
using Histogram = std::array<std::uint32_t, 256>;

// One for each channel.
using ByteTables = std::array<ByteTable, 3>;
using Histograms = std::array<Histogram, 3>;

// ImageEnhance.Brightness: from black (0) over unchanged (1) on.
ByteTable brightness_table(double factor);

// ImageEnhance.Contrast: the same from one grey, the mean luma (rounded).
ByteTable contrast_table(double factor, int mean_luma);

ByteTable posterize_table(int bits);  // 0 to 8 bits are kept
ByteTable solarize_table(double threshold);
ByteTable invert_table();
ByteTable autocontrast_table(const Histogram& histogram);
ByteTable equalize_table(const Histogram& histogram);

// As int(ImageStat.Stat(picture.convert('L')).mean[0] + 0.5).
int mean_luma(const Picture& picture);

// histograms[channel], of the picture's channels.
void count_bytes(const Picture& picture, Histograms& histograms);

void apply_table(const ByteTable& table, Picture& picture);
void apply_tables(const ByteTables& tables, Picture& picture);

}  // namespace torchclassify
