// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data_summary/duplicates.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "torchclassify/train/split.h"

namespace torchclassify {
namespace {

auto key_of(const PictureFacts& facts) {
  return std::tie(facts.digest, facts.width, facts.height, facts.channels);
}

std::vector<std::uint64_t> looks_of(const std::vector<PictureFacts>& part) {
  std::vector<std::uint64_t> looks;
  looks.reserve(part.size());
  for (const PictureFacts& facts : part) looks.push_back(facts.look);
  return looks;
}

// The largest difference between two values at the same place.
int difference(const PictureFacts& a, const PictureFacts& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.thumbnail.size(); ++i)
    largest = std::max(largest, std::abs(a.thumbnail[i] - b.thumbnail[i]));
  return largest;
}

// Not only brighter and darker at the same places, as all sixes are.
bool look_alike(const PictureFacts& a, const PictureFacts& b) {
  constexpr int kMostDifference = 8;  // of 255: what JPEG and resizing change
  return key_of(a) != key_of(b) && difference(a, b) <= kMostDifference;
}

}  // namespace

std::vector<std::vector<PlacedPicture>> exact_duplicates(
    const PartFacts& parts) {
  const auto key = [&](const PlacedPicture& at) {
    return key_of(parts[at.part][at.index]);
  };
  std::vector<PlacedPicture> order;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (std::size_t i = 0; i < parts[part].size(); ++i) {
      if (parts[part][i].width > 0)
        order.push_back({part, i});
    }
  }
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return std::tuple_cat(key(a), std::tie(a)) <
           std::tuple_cat(key(b), std::tie(b));
  });

  std::vector<std::vector<PlacedPicture>> found;
  for (auto first = order.begin(); first != order.end();) {
    const auto end = std::find_if(first, order.end(), [&](const auto& at) {
      return key(at) != key(*first);
    });
    if (end - first > 1)
      found.emplace_back(first, end);
    first = end;
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<PlacedPair> near_duplicates(const PartFacts& parts, int distance,
                                        std::size_t limit) {
  constexpr std::size_t kMostCandidates = 1000000;
  std::vector<std::vector<std::uint64_t>> looks;
  for (const auto& part : parts) looks.push_back(looks_of(part));
  std::vector<PlacedPair> found;
  for (std::size_t a = 0; a < parts.size(); ++a) {
    for (std::size_t b = a + 1; b < parts.size(); ++b) {
      const std::size_t most = found.size() + limit;
      for (const NearDuplicate& pair :
           near_duplicates(looks[a], looks[b], distance, kMostCandidates)) {
        if (found.size() < most &&
            look_alike(parts[a][pair.first], parts[b][pair.second]))
          found.push_back({{a, pair.first}, {b, pair.second}, pair.distance});
      }
    }
  }
  return found;
}

}  // namespace torchclassify
