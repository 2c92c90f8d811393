// SPDX-License-Identifier: LGPL-2.1-or-later
// One training picture through all of its random changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "random.h"
#include "torchclassify/image.h"
#include "torchclassify/model_info.h"
#include "torchclassify/train/augment.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {

struct PixelRect {
  int x = 0, y = 0, width = 0, height = 0;
};

// A picture of the model's input size, interleaved 8-bit pixels without
// padding, and what of it is to be erased after normalisation.
struct AugmentedPicture {
  std::vector<std::uint8_t> pixels;  // [height, width, channels]
  std::optional<PixelRect> erased;
};

// Keeps buffers and resize tables for the next picture: one per thread.
class Augmenter {
 public:
  // Throws Error kInvalidArgument, as check_augment_options() and
  // check_preprocessing().
  Augmenter(const AugmentOptions& options, const Preprocessing& input);
  ~Augmenter();

  // Whether the decoded picture itself is needed each time (random resized
  // crops); if not, base() of it can be kept instead.
  bool needs_original() const;

  // The part of the work that is the same each time: the picture resized as
  // the preprocessing says, of the input's channels (kRgb or kGray8). Not
  // cropped yet, but without what no crop reaches: beyond the shift, or beyond
  // 8 crops from the middle with kRandomPadded. Throws Error kInvalidArgument
  // for a YUV picture, and as check_image().
  // output's pixels are reused.
  void base(const ImageView& picture, Picture& output);

  // The part of an original of that size that run() with this key looks at: its
  // crop if needs_original(), else all of it. Pixels outside may be anything.
  PixelRect region(int width, int height, KeyedRandom random) const;

  // picture: the original if needs_original(), else base() of it. The same key
  // gives the same result on every machine, up to the last bits of its cos(),
  // exp() and log(). output's buffers are reused. Throws Error kInvalidArgument
  // for a picture of another format, and as check_image().
  void run(const ImageView& picture, KeyedRandom random,
           AugmentedPicture& output);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Throws Error kInvalidArgument for values outside their ranges, NaN included.
void check_augment_options(const AugmentOptions& options);

}  // namespace torchclassify
