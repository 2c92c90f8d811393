// SPDX-License-Identifier: LGPL-2.1-or-later
// Pixels to model input: the definition, and the fast paths held to it.
#pragma once

#include <cstddef>
#include <memory>

#include "torchclassify/image.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

// Number of floats that one picture becomes: channels * height * width.
std::size_t input_size(const Preprocessing& preprocessing);

// Throws Error kInvalidArgument, saying which field and why, for sizes outside
// [1, kMaxImageSide], a channel count other than 1 or 3, mean and std of
// another length, a std that is not positive, or values that are not finite.
void check_preprocessing(const Preprocessing& preprocessing);

// The definition (Pillow to version 12; 13 resizes columns first where that is
// less work, which moves some bits). Converts the whole picture to R'G'B' (or
// luma) of 8 bits, makes what is turned in it upright (upright.h), resizes as
// Pillow does, bit for bit, crops and normalises. Slow and plain.
//
// output: float32 [channels, crop_height, crop_width], planes in RGB order,
// input_size() floats, overwritten. Throws Error kInvalidArgument.
void preprocess_reference(const ImageView& image,
                          const Preprocessing& preprocessing, float* output);

// The same, fast. From RGB formats and kGray8: the very bits of the reference.
// From YUV formats each plane is resized before the colours are converted,
// which differs from the reference by rounding (tests hold the bound).
//
// Keeps tables for the last picture geometry, so one per stream. One thread at
// a time.
class Preprocessor {
 public:
  explicit Preprocessor(const Preprocessing& preprocessing);
  ~Preprocessor();

  // As preprocess_reference().
  void run(const ImageView& image, float* output);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace torchclassify
