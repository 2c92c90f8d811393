// SPDX-License-Identifier: LGPL-2.1-or-later
// What a model file says of itself: everything but the weights.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace torchclassify {

enum class Interpolation { kBilinear, kBicubic };

enum class ResizeMode {
  kShorterSide,  // shorter side to resize_size, then the centre crop
  kSquash,       // to the crop size, ignoring the aspect ratio
  kLetterbox,    // into the crop size, bars of pad_value around
};

enum class Activation { kSoftmax, kSigmoid, kNone };

// Pixels to model input. The definition is torchvision's evaluation transform
// on PIL pictures: antialiased resize with 8-bit results, centre crop, scale to
// [0, 1], then (value - mean) / std per channel. Defaults are torchvision's
// ImageClassification preset.
struct Preprocessing {
  ResizeMode resize_mode = ResizeMode::kShorterSide;
  int resize_size = 256;  // pixels; used by kShorterSide only
  Interpolation interpolation = Interpolation::kBilinear;
  int crop_width = 224;   // pixels: the model's input
  int crop_height = 224;  // pixels: the model's input
  int channels = 3;       // 3: RGB; 1: luma as PIL's convert('L')
  int pad_value = 0;      // 0 to 255; used by kLetterbox and by a crop larger
                          // than the resized picture
  std::vector<float> mean = {0.485f, 0.456f, 0.406f};  // one per channel
  std::vector<float> std = {0.229f, 0.224f, 0.225f};   // one per channel, > 0
};

// The picture of width x height RGB pixels whose byte at (x, y, channel) is
// (7 x + 13 y + 29 channel + x y / 8) mod 256 (integer division), and the
// logits that the model gave for it when the file was written, in float32.
struct SelfCheck {
  int width = 0;  // pixels; 0: the file has no self-check
  int height = 0;
  std::vector<float> logits;  // one per class
};

struct ModelInfo {
  std::string architecture;  // torchvision's name, as in the registry
  std::map<std::string, std::int64_t> architecture_options;  // its extra sizes
  std::vector<std::string> classes;  // UTF-8, in the order of the logits
  Preprocessing preprocessing;
  Activation activation = Activation::kSoftmax;
  double temperature = 1.0;       // > 0: logits are divided by it
  std::vector<float> thresholds;  // sigmoid: one per class in [0, 1], or empty
  SelfCheck self_check;
  std::map<std::string, std::string> provenance;  // how it was trained
  std::map<std::string, double> metrics;          // measured, e.g. "accuracy"
};

}  // namespace torchclassify
