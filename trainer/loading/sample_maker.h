// SPDX-License-Identifier: LGPL-2.1-or-later
// One picture of a set, as floats for a batch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "augment/augmenter.h"
#include "loading/jpeg_part.h"
#include "loading/picture_cache.h"
#include "preprocess/preprocess.h"
#include "random.h"
#include "torchclassify/model_info.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/loader.h"

namespace torchclassify {

// Keeps buffers and tables for the next picture: one per thread. All that it is
// given outlives it; the cache may be shared, by makers of the same options.
class SampleMaker {
 public:
  SampleMaker(const Dataset& dataset, const Preprocessing& preprocessing,
              const LoaderOptions& options, PictureCache& cache);

  // From the cache, or from the set, and then into the cache if it has room.
  // random: as write()'s. Throws Error: what reading threw.
  void read(std::size_t index, KeyedRandom random);

  // The picture read last: for training augmented by random, else as
  // preprocessing says. output: float32 [height, width, channels], overwritten.
  void write(KeyedRandom random, float* output);

 private:
  bool read_part(std::size_t index, KeyedRandom random);
  void read_whole(std::size_t index);
  void prepare(Picture picture);
  void normalise(const std::uint8_t* pixels, float* output) const;

  const Dataset& dataset_;
  const Preprocessing& preprocessing_;
  PictureCache& cache_;
  // [channels, 256]: the float that a byte becomes.
  std::vector<float> table_;

  std::optional<Augmenter> augmenter_;      // for training
  std::optional<Preprocessor> evaluation_;  // else: to bytes / 255, in planes
  JpegPart part_;
  Picture prepared_;  // what is cached: see prepare()
  ImageView view_;    // of the picture read last
  AugmentedPicture augmented_;
  std::vector<float> planes_;
};

}  // namespace torchclassify
