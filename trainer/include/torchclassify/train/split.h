// SPDX-License-Identifier: LGPL-2.1-or-later
// Training pictures held out to choose by, without leaks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "torchclassify/train/dataset.h"

namespace torchclassify {

struct SplitOptions {
  double validation_share = 0.2;  // 0 to 1, of each class's groups
  std::uint64_t seed = 0;
  // ECMAScript, searched in each picture's name: what its first group (or the
  // whole match) holds is the picture's group. Empty: Dataset::group().
  std::string group_regex;
};

// Indices of a set, ascending.
struct TrainValidation {
  std::vector<std::size_t> train;
  std::vector<std::size_t> validation;
};

// No group is on both sides, and every class with at least two groups is on
// both: with groups of one picture, a stratified split. Same options, same
// split. Throws Error kInvalidArgument for another share, a regular expression
// that is none, or one that a picture's name does not match (naming it).
TrainValidation split_dataset(const Dataset& dataset,
                              const SplitOptions& options);

// Two pictures that look alike.
struct NearDuplicate {
  std::size_t first = 0;   // index in the first set
  std::size_t second = 0;  // index in the second set
  int distance = 0;        // bits of 64 that their difference hashes differ in
};

// 64 bits that say where a picture gets brighter from left to right, on a
// grey thumbnail of 9x8 pixels ("dHash"): alike for pictures that look alike,
// whatever their size and compression. Flat pictures (hash 0) say nothing.
std::uint64_t difference_hash(const Picture& picture);

// Pairs over two sets' hashes (hashes of 0 left out), at most distance apart,
// at most limit of them, in the order of first. Not all pairs are compared:
// about linear in the number of hashes for distances up to 3.
std::vector<NearDuplicate> near_duplicates(
    const std::vector<std::uint64_t>& first,
    const std::vector<std::uint64_t>& second, int distance, std::size_t limit);

}  // namespace torchclassify
