// SPDX-License-Identifier: LGPL-2.1-or-later
#include "color_model.h"

#include <span>
#include <vector>

#include "formats/safetensors.h"
#include "program.h"

namespace program {
namespace {

constexpr std::size_t kColors = 3;
constexpr std::size_t kFeatures = 16;
constexpr std::size_t kKernel = 3 * 3;

torchclassify::TensorView view(const std::vector<float>& values,
                               std::vector<std::int64_t> shape) {
  const auto bytes = std::as_bytes(std::span(values));
  return {
      .shape = std::move(shape), .data = bytes.data(), .size = bytes.size()};
}

}  // namespace

void write_color_weights(const std::filesystem::path& path, float factor) {
  std::vector<float> kernels(kFeatures * kColors * kKernel);
  std::vector<float> rows(kColors * kFeatures);
  for (std::size_t color = 0; color < kColors; ++color) {
    // Feature number color is that colour of the pixel in the middle.
    kernels[(color * kColors + color) * kKernel + kKernel / 2] = 1;
    rows[color * kFeatures + color] = 4 * factor;
  }
  const std::vector<float> features(kFeatures);
  const std::vector<float> colors(kColors);

  torchclassify::write_safetensors(
      path,
      {{"conv1.weight", view(kernels, {16, 3, 3, 3})},
       {"conv1.bias", view(features, {16})},
       {"fc.weight", view(rows, {3, 16})},
       {"fc.bias", view(colors, {3})}},
      {});
}

const ColorModel& ColorModel::shared() {
  static const ColorModel model;
  return model;
}

ColorModel::ColorModel() {
  write_color_weights(weights());
  support::write_file(classes(), "red\ngreen\nblue\n");
  run_well({"convert", weights(), "--model", "simple_cnn", "--classes",
            classes(), "--resize-size", "2", "--crop-size", "2", "--mean",
            "0,0,0", "--std", "1,1,1", "-o", bundle()});
}

void write_picture(const std::filesystem::path& path, std::uint8_t red,
                   std::uint8_t green, std::uint8_t blue) {
  constexpr int kPixels = 4 * 4;
  std::filesystem::create_directories(path.parent_path());
  std::string text = "P6 4 4 255\n";
  for (int i = 0; i < kPixels; ++i) {
    for (const std::uint8_t value : {red, green, blue})
      text += static_cast<char>(value);
  }
  support::write_file(path, text);
}

}  // namespace program
