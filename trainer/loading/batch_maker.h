// SPDX-License-Identifier: LGPL-2.1-or-later
// Batches of an epoch, by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "loading/sample_maker.h"
#include "torchclassify/train/loader.h"

namespace torchclassify {

// Which epoch, and what it consists of.
struct EpochPlan {
  std::uint64_t epoch = 0;
  std::vector<std::size_t> order;  // of all ranks: epoch_order()
};

struct MadeBatch {
  Batch batch;
  std::vector<SkippedPicture> skipped;
};

// One per thread; what it makes depends on the plan and the number alone.
class BatchMaker {
 public:
  // As SampleMaker's.
  BatchMaker(const Dataset& dataset, const Preprocessing& preprocessing,
             const LoaderOptions& options, PictureCache& cache);

  // The rank's batch. memory: of an old batch, for the new one. Throws Error:
  // what reading a picture threw, unless such pictures are to be skipped. Lack
  // of memory is no picture's fault and always thrown.
  MadeBatch make(const EpochPlan& plan, std::size_t number, Batch memory);

 private:
  void add(std::size_t index, KeyedRandom random, MadeBatch& made);
  void add_labels(std::size_t index, Batch& batch) const;

  const Dataset& dataset_;
  const Preprocessing& preprocessing_;
  const LoaderOptions& options_;
  SampleMaker sample_;
};

}  // namespace torchclassify
