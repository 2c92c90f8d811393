// SPDX-License-Identifier: LGPL-2.1-or-later
// Random changes to training pictures, at the size of the model's input.
#pragma once

#include <cstdint>

#include "random.h"

namespace torchclassify {

// Everything is off by default.
struct AugmentOptions {
  bool flip = false;      // mirror one picture in two, left to right
  int shift = 0;          // pixels, at most, each way; edges are repeated
  double scale = 0;       // share, at most: 0.1 scales by 0.9 to 1.1
  double degrees = 0;     // of rotation, at most, each way
  double brightness = 0;  // share, at most: 0.3 multiplies by 0.7 to 1.3
  double contrast = 0;    // share, at most, about the picture's mean

  bool moves() const { return scale > 0 || degrees > 0; }
};

// Interleaved 8-bit pixels without padding, borrowed.
struct Canvas {
  const std::uint8_t* pixels = nullptr;
  int width = 0;
  int height = 0;
  int channels = 3;
};

// Writes width x height pixels to output, interleaved: what the options make
// of the canvas, taken about its centre. Without options that is the centre
// crop. Bilinear where pixels move by fractions.
void augment(const Canvas& canvas, const AugmentOptions& options,
             KeyedRandom random, int width, int height, std::uint8_t* output);

}  // namespace torchclassify
