// SPDX-License-Identifier: LGPL-2.1-or-later
// What the engine of reading_engine.cpp answers: a class that every pixel and
// its place have a part in.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "preprocess/preprocess.h"

namespace support {

inline constexpr int kReadingClasses = 255;
// Instead of a class, the model gives NaN.
inline constexpr int kNotFinite = 0;

// By words in the model's name.
inline torchclassify::Preprocessing reading_input(const std::string& model) {
  using namespace torchclassify;
  const auto has = [&](const char* word) {
    return model.find(word) != std::string::npos;
  };
  Preprocessing input{.resize_size = 18, .crop_width = 16, .crop_height = 14};
  if (has("squash"))
    input.resize_mode = ResizeMode::kSquash;
  if (has("letterbox"))
    input.resize_mode = ResizeMode::kLetterbox;
  if (has("bicubic"))
    input.interpolation = Interpolation::kBicubic;
  if (has("grey")) {
    input.channels = 1;
    input.mean.assign(1, 0.5f);
    input.std.assign(1, 0.5f);
  }
  return input;
}

// The class of what the picture becomes, or kNotFinite.
inline int reading_label(const std::vector<float>& pixels) {
  std::uint32_t digest = 2166136261u;  // FNV-1a
  for (const float pixel : pixels) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &pixel, sizeof bits);
    digest = (digest ^ bits) * 16777619u;
  }
  return static_cast<int>((digest >> 8) % kReadingClasses);
}

}  // namespace support
