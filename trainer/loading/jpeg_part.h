// SPDX-License-Identifier: LGPL-2.1-or-later
// The pixels of a part of a JPEG picture, without decoding all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "augment/augmenter.h"
#include "torchclassify/image.h"

namespace torchclassify {

// Keeps its buffer for the next picture: one per thread.
class JpegPart {
 public:
  // The part that is wanted of a picture of that size, inside it, not empty.
  using Choose = std::function<PixelRect(int width, int height)>;

  // True: view() has the picture's size, and in the chosen part what
  // decode_picture() gives, byte for byte. False for whatever is not a plain,
  // sound and upright 8-bit grey or colour JPEG as far as it was decoded:
  // decode_picture() knows what to do with it. Throws what choose throws.
  bool decode(std::span<const std::uint8_t> bytes, const Choose& choose);

  // kRgb; outside the chosen part the bytes are anything. Until decode() is
  // called again.
  ImageView view() const;

 private:
  struct Decoder;
  std::uint8_t* reserve(int width, int height);

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t capacity_ = 0;  // bytes
  int width_ = 0, height_ = 0;
  std::ptrdiff_t stride_ = 0;  // bytes
};

}  // namespace torchclassify
