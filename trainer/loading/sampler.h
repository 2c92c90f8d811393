// SPDX-License-Identifier: LGPL-2.1-or-later
// Which pictures an epoch consists of, and in which order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "torchclassify/train/dataset.h"
#include "torchclassify/train/loader.h"

namespace torchclassify {

// The epoch of all ranks together: dataset.size() indices, the same in every
// process. For training as options.sampling and options.repeats say (copies of
// a picture follow each other, as in torchvision's RASampler); else 0, 1, ...
// A multi-label picture counts as one of its first label.
std::vector<std::size_t> epoch_order(const Dataset& dataset,
                                     const LoaderOptions& options,
                                     std::uint64_t epoch);

// How many pictures of the epoch are this rank's: one fewer for the last ranks
// where the number of ranks does not divide them.
std::size_t rank_size(std::size_t pictures, const LoaderOptions& options);

// Batches of an epoch, the same number for every rank.
std::size_t epoch_batches(std::size_t pictures, const LoaderOptions& options);

// Where in the epoch's order the rank's pictures are.
inline std::size_t rank_position(std::size_t i, const LoaderOptions& options) {
  return i * static_cast<std::size_t>(options.ranks) +
         static_cast<std::size_t>(options.rank);
}

}  // namespace torchclassify
