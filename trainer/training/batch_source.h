// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a training's batches come from, as tensors.
#pragma once

#include <cstdint>
#include <vector>

#include "torchclassify/train/loader.h"
#include "training/loss.h"

namespace torchclassify {

struct TensorBatch {
  std::size_t size = 0;  // 0: no picture of it could be read
  torch::Tensor inputs;  // float [size, ...]: pictures, or features of them
  Target target;
  std::vector<std::int64_t> labels;  // [size]
  std::vector<std::size_t> indices;  // [size], of the set
};

// A part of a batch: [begin, end) of its pictures, sharing memory.
TensorBatch slice(const TensorBatch& batch, std::int64_t begin,
                  std::int64_t end);

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual std::size_t batches() const = 0;  // of one epoch
  virtual void start(std::uint64_t epoch, std::size_t first_batch) = 0;
  virtual TensorBatch next() = 0;
  virtual LoaderStatistics statistics() const = 0;
  virtual std::vector<SkippedPicture> skipped() const = 0;
};

// Pictures, from a loader's threads.
class PictureSource : public BatchSource {
 public:
  PictureSource(const Dataset& dataset, const Preprocessing& preprocessing,
                const LoaderOptions& options);

  std::size_t batches() const override { return loader_.batches(); }
  void start(std::uint64_t epoch, std::size_t first_batch) override {
    loader_.start(epoch, first_batch);
  }
  TensorBatch next() override;
  LoaderStatistics statistics() const override { return loader_.statistics(); }
  std::vector<SkippedPicture> skipped() const override {
    return loader_.skipped();
  }

 private:
  const Preprocessing preprocessing_;
  const std::int64_t classes_;
  Loader loader_;
};

}  // namespace torchclassify
