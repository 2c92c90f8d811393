// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/sources.h"

namespace torchclassify {

Preprocessing training_input(const TrainOptions& options) {
  Preprocessing input = options.preprocessing;
  if (options.train_crop > 0)
    input.crop_width = input.crop_height = options.train_crop;
  return input;
}

LoaderOptions evaluation_loader(const TrainOptions& options, int rank,
                                int ranks) {
  LoaderOptions loader;
  loader.batch_size = static_cast<std::size_t>(options.batch_size);
  loader.workers = options.workers;
  loader.seed = options.seed;
  loader.on_corrupt = options.on_corrupt;
  loader.cache_bytes = options.cache_bytes;
  loader.rank = rank;
  loader.ranks = ranks;
  return loader;
}

LoaderOptions training_loader(const TrainOptions& options, int rank,
                              int ranks) {
  LoaderOptions loader = evaluation_loader(options, rank, ranks);
  loader.training = true;
  loader.augment = options.augment;
  loader.sampling = options.sampling;
  loader.repeats = options.repeats;
  loader.mixup_alpha = options.mixup_alpha;
  loader.cutmix_alpha = options.cutmix_alpha;
  return loader;
}

}  // namespace torchclassify
