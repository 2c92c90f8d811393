// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that are there more than once, exactly or nearly.
#pragma once

#include <cstddef>
#include <vector>

#include "data_summary/picture_scan.h"
#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {

// A picture of several parts.
struct PlacedPicture {
  std::size_t part = 0;   // index of a part, not a Split
  std::size_t index = 0;  // in that part

  auto operator<=>(const PlacedPicture&) const = default;
};

struct PlacedPair {
  PlacedPicture first, second;
  int distance = 0;
};

// One entry for each part, by index of the picture.
using PartFacts = std::vector<std::vector<PictureFacts>>;

// Pictures with the same pixels, two or more each, in the order of their first.
std::vector<std::vector<PlacedPicture>> exact_duplicates(
    const PartFacts& parts);

// Pairs of two parts that look alike and are not exactly alike, at most
// `limit` for each two parts.
std::vector<PlacedPair> near_duplicates(const PartFacts& parts, int distance,
                                        std::size_t limit);

}  // namespace torchclassify
