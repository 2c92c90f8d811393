// SPDX-License-Identifier: LGPL-2.1-or-later
// A model and pictures whose answers can be worked out in the head.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/test_files.h"

namespace program {

// A simple_cnn with the classes red, green and blue. Its logits are 4 times the
// largest red, green and blue of the picture's 2x2 pixels, in [0, 1]: for plain
// red 4, 0 and 0, thus a confidence of kPlain.
class ColorModel {
 public:
  static constexpr double kPlain = 0.9646632;  // e^4 / (e^4 + 2)

  // One for all tests of a process, who leave it as it is.
  static const ColorModel& shared();

  // Made of the other two by the program's convert.
  std::string bundle() const { return folder_ / "colors.safetensors"; }
  std::string weights() const { return folder_ / "weights.safetensors"; }
  std::string classes() const { return folder_ / "classes.txt"; }

 private:
  ColorModel();

  support::TemporaryFolder folder_;
};

// Bare weights of a ColorModel, all that are not 0 times a factor.
void write_color_weights(const std::filesystem::path& path, float factor = 1);

// A 4x4 PPM of one colour; makes its folder.
void write_picture(const std::filesystem::path& path, std::uint8_t red,
                   std::uint8_t green, std::uint8_t blue);

}  // namespace program
