// SPDX-License-Identifier: LGPL-2.1-or-later
// Batches of model inputs, made by threads ahead of their use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"
#include "torchclassify/train/augment.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

// How often a class's pictures come in an epoch of as many pictures as there
// are: as they are; every class as often; by the square root of their number.
// The last two draw with replacement.
enum class Sampling { kShuffle, kBalanced, kSquareRoot };

// What becomes of a picture that cannot be read.
enum class OnCorrupt {
  kFail,  // the batch throws what reading threw
  kSkip,  // it is left out of its batch, and listed
};

struct LoaderOptions {
  std::size_t batch_size = 32;
  int workers = 2;  // threads, 1 to 256
  std::uint64_t seed = 0;
  OnCorrupt on_corrupt = OnCorrupt::kFail;
  // At most this much memory keeps decoded pictures from their first use on: as
  // many as fit, beyond what the batches take. 0: none. What batches hold does
  // not depend on it.
  std::size_t cache_bytes = std::size_t{2} << 30;

  // False: every picture once, in order, exactly as preprocessing says, and
  // nothing below matters but rank and ranks.
  bool training = false;
  AugmentOptions augment;
  Sampling sampling = Sampling::kShuffle;
  int repeats = 1;  // repeated augmentation: copies of each drawn picture, one
                    // after another and each with changes of its own; an epoch
                    // still has as many pictures as the set
  // With both above 0, torchvision's RandomMixUp or RandomCutMix, as likely.
  double mixup_alpha = 0;
  double cutmix_alpha = 0;
  // Share of batches that are mixed; the others are left as they are.
  double mix_probability = 1;

  // Data-parallel training: this process makes every ranks-th picture,
  // beginning at rank, of each epoch's order; batch_size is of one process.
  int rank = 0;
  int ranks = 1;
};

struct Batch {
  // 0: none of its pictures could be read, or the other ranks have one picture
  // more than this one.
  std::size_t size = 0;
  // [size, channels, height, width] by meaning, [size, height, width, channels]
  // in memory (LibTorch's channels_last).
  std::vector<float> inputs;
  std::vector<std::int64_t> labels;  // [size]; -1: multi-label without any
  std::vector<float> targets;  // multi-label sets: [size, classes], 0 or 1, or
                               // what mixing makes of them
  std::vector<std::size_t> indices;  // [size], of the set
  // Mixed with the batch rolled by one: picture i's second label and what
  // remains of the first. Empty and 1 for a batch that is not mixed.
  std::vector<std::int64_t> second_labels;  // [size]
  double first_weight = 1;
};

struct SkippedPicture {
  std::size_t index = 0;
  std::string name;
  std::string reason;
};

struct LoaderStatistics {
  double seconds = 0;        // from start() to the last return of next()
  double wait_seconds = 0;   // of these, spent waiting in next()
  std::size_t pictures = 0;  // that next() has given out
  bool cached = false;       // all pictures so far fit in the cache
  std::size_t skipped = 0;   // of all passes: how many skipped() has
};

// What a batch holds depends on options, epoch and its number alone, not on the
// number of threads. One thread at a time.
class Loader {
 public:
  // dataset outlives the loader. Throws Error kInvalidArgument.
  Loader(const Dataset& dataset, const Preprocessing& preprocessing,
         const LoaderOptions& options);
  ~Loader();

  std::size_t batches() const;  // of one epoch, the same for every rank

  // A pass begins at a batch (from 0): the threads start on it. Ends the last
  // pass, wherever it is.
  void start(std::uint64_t epoch, std::size_t first_batch = 0);
  // The pass's next batch; call it batches() - first_batch times. Throws Error:
  // what reading a picture of it threw (OnCorrupt::kFail; the pass goes on), or
  // kInvalidArgument for a batch that the pass does not have.
  Batch next();

  // Gives a batch's memory back for a later one, which spares allocating it.
  // Any thread.
  void recycle(Batch batch);

  LoaderStatistics statistics() const;  // of this pass
  // Of all passes, each once, in the order of their indices.
  std::vector<SkippedPicture> skipped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace torchclassify
