// SPDX-License-Identifier: LGPL-2.1-or-later
// The rules that every preprocessing keeps.
#include "preprocess/preprocess.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

void require(bool holds, const std::string& message) {
  if (!holds)
    throw Error(ErrorCode::kInvalidArgument, message);
}

void check_side(const char* name, int value) {
  require(value >= 1 && value <= kMaxImageSide,
          std::string("expected a ") + name + " of 1 to " +
              std::to_string(kMaxImageSide) + " pixels, got " +
              std::to_string(value));
}

void check_values(const char* name, const std::vector<float>& values,
                  int channels) {
  require(values.size() == static_cast<std::size_t>(channels),
          std::string("expected one ") + name + " per channel, got " +
              std::to_string(values.size()) + " for " +
              std::to_string(channels));
  require(std::all_of(values.begin(), values.end(),
                      [](float value) { return std::isfinite(value); }),
          std::string("expected finite numbers as ") + name);
}

}  // namespace

std::size_t input_size(const Preprocessing& preprocessing) {
  return static_cast<std::size_t>(preprocessing.channels) *
         static_cast<std::size_t>(preprocessing.crop_height) *
         static_cast<std::size_t>(preprocessing.crop_width);
}

void check_preprocessing(const Preprocessing& preprocessing) {
  check_side("resize_size", preprocessing.resize_size);
  check_side("crop_width", preprocessing.crop_width);
  check_side("crop_height", preprocessing.crop_height);
  const int channels = preprocessing.channels;
  require(channels == 1 || channels == 3,
          "expected channels to be 1 or 3, got " + std::to_string(channels));
  require(preprocessing.pad_value >= 0 && preprocessing.pad_value <= 255,
          "expected a pad_value of 0 to 255, got " +
              std::to_string(preprocessing.pad_value));
  check_values("mean", preprocessing.mean, channels);
  check_values("std", preprocessing.std, channels);
  for (const float std : preprocessing.std)
    require(std > 0, "expected a std above 0, got " + std::to_string(std));
}

}  // namespace torchclassify
