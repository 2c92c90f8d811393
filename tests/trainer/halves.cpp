// SPDX-License-Identifier: LGPL-2.1-or-later
#include "halves.h"

#include <glib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "formats/safetensors.h"
#include "torchclassify/error.h"

namespace support {
using namespace torchclassify;

int Halves::label(std::size_t i) const {
  if (rare_ > 0)
    return i % rare_ == 0 ? 1 : 0;
  return static_cast<int>(i % labels_);
}

std::vector<int> Halves::labels(std::size_t i) const {
  if (multi_label_ && i % 3 == 0)
    return {0, 1};
  return {label(i)};
}

Picture Halves::picture(std::size_t i) const {
  if (broken_.contains(i))
    throw Error(ErrorCode::kBadData, "expected a picture: " + name(i));
  const std::vector<int> bright = labels(i);
  Picture picture;
  picture.width = picture.height = kHalvesSide;
  for (std::size_t at = 0; at < 3 * kHalvesSide * kHalvesSide; ++at) {
    const int half = at / 3 % kHalvesSide < kHalvesSide / 2 ? 0 : 1;
    const bool lit = std::ranges::find(bright, half) != bright.end();
    const auto noise = (at * 37 + i * 101) % 80;
    picture.pixels.push_back(
        static_cast<std::uint8_t>(noise + (lit ? 120 : 40)));
  }
  return picture;
}

TrainOptions small_options(const std::filesystem::path& output) {
  TrainOptions options;
  options.architecture = "simple_cnn";
  options.preprocessing.resize_mode = ResizeMode::kSquash;
  options.preprocessing.crop_width = kHalvesSide;
  options.preprocessing.crop_height = kHalvesSide;
  options.epochs = 2;
  options.batch_size = 8;
  options.schedule.peak = 0.01;
  options.output = output;
  return options;
}

std::string tensor_bytes(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  std::string bytes;
  for (const auto& [name, view] : file.tensors())
    bytes.append(reinterpret_cast<const char*>(view.data), view.size);
  return bytes;
}

std::vector<float> weights_of(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  std::vector<float> numbers;
  for (const auto& [name, view] : file.tensors()) {
    if (name.ends_with("num_batches_tracked"))
      continue;
    std::vector<float> part(view.size / sizeof(float));
    std::memcpy(part.data(), view.data, part.size() * sizeof(float));
    numbers.insert(numbers.end(), part.begin(), part.end());
  }
  return numbers;
}

double largest_difference(const std::vector<float>& a,
                          const std::vector<float>& b) {
  g_assert_cmpuint(a.size(), ==, b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  return largest;
}

}  // namespace support
