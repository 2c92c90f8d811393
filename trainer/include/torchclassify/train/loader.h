// SPDX-License-Identifier: LGPL-2.1-or-later
// Batches of model inputs, made by threads ahead of their use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "torchclassify/model_info.h"
#include "torchclassify/train/augment.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

struct LoaderOptions {
  std::size_t batch_size = 32;
  int workers = 2;  // threads, at least 1
  std::uint64_t seed = 0;
  bool shuffle = false;    // for training: shuffled, and augmented as follows
  AugmentOptions augment;  // all off: exactly what preprocessing says
  // Decoded, resized pictures are kept in memory if all of them fit.
  std::size_t cache_bytes = std::size_t{2} << 30;
};

struct Batch {
  std::size_t size = 0;
  std::vector<float> inputs;         // [size, channels, height, width]
  std::vector<std::int64_t> labels;  // [size]
};

// What a batch holds depends on options, epoch and its number alone, not on the
// number of threads. One thread at a time.
class Loader {
 public:
  // dataset outlives the loader. Throws Error kInvalidArgument.
  Loader(const Dataset& dataset, const Preprocessing& preprocessing,
         const LoaderOptions& options);
  ~Loader();

  std::size_t batches() const;  // of one epoch

  // The next pass begins: the threads start on its first batches.
  void start(std::uint64_t epoch);
  // The pass's next batch; call it batches() times. Throws what decoding a
  // picture of it threw.
  Batch next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace torchclassify
