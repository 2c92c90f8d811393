// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that look alike, by their difference hashes.
#include <algorithm>
#include <bit>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "data/picture_mat.h"
#include "torchclassify/train/split.h"

namespace torchclassify {
namespace {

constexpr int kHashBits = 64;

// Hashes by the value of a few of their bits.
class BlockIndex {
 public:
  BlockIndex(const std::vector<std::uint64_t>& hashes, int first_bit, int bits)
      : shift_(first_bit), mask_((std::uint64_t{1} << bits) - 1) {
    starts_.resize((std::size_t{1} << bits) + 1);
    for (const std::uint64_t hash : hashes) {
      if (hash != 0)
        ++starts_[value(hash) + 1];
    }
    for (std::size_t i = 1; i < starts_.size(); ++i)
      starts_[i] += starts_[i - 1];
    members_.resize(starts_.back());
    std::vector<std::size_t> next(starts_);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (hashes[i] != 0)
        members_[next[value(hashes[i])]++] = i;
    }
  }

  std::size_t value(std::uint64_t hash) const { return hash >> shift_ & mask_; }

  // Indices of the hashes that agree with this one here, ascending.
  std::vector<std::size_t>::const_iterator begin(std::uint64_t hash) const {
    return members_.begin() + static_cast<std::ptrdiff_t>(starts_[value(hash)]);
  }
  std::vector<std::size_t>::const_iterator end(std::uint64_t hash) const {
    return members_.begin() +
           static_cast<std::ptrdiff_t>(starts_[value(hash) + 1]);
  }

 private:
  int shift_;
  std::uint64_t mask_;
  std::vector<std::size_t> starts_;   // of each value in members_, and the end
  std::vector<std::size_t> members_;  // indices of hashes
};

// Hashes that differ in at most `distance` bits agree in at least one of
// distance + 1 blocks; at least 4 blocks, to keep the index small.
std::vector<BlockIndex> blocks_for(const std::vector<std::uint64_t>& hashes,
                                   int distance) {
  const int blocks = std::clamp(distance + 1, 4, kHashBits);
  std::vector<BlockIndex> indexes;
  for (int i = 0; i < blocks; ++i) {
    const int first = kHashBits * i / blocks;
    indexes.emplace_back(hashes, first, kHashBits * (i + 1) / blocks - first);
  }
  return indexes;
}

// All of `hashes` that are near to one, in order.
std::vector<NearDuplicate> matches_of(std::uint64_t hash, std::size_t index,
                                      const std::vector<std::uint64_t>& hashes,
                                      const std::vector<BlockIndex>& blocks,
                                      int distance) {
  std::vector<NearDuplicate> matches;
  for (auto block = blocks.begin(); block != blocks.end(); ++block) {
    for (auto it = block->begin(hash); it != block->end(hash); ++it) {
      const int differing = std::popcount(hash ^ hashes[*it]);
      const bool found_before =
          std::any_of(blocks.begin(), block, [&](const BlockIndex& earlier) {
            return earlier.value(hash) == earlier.value(hashes[*it]);
          });
      if (differing <= distance && !found_before)
        matches.push_back({index, *it, differing});
    }
  }
  std::sort(matches.begin(), matches.end(),
            [](const NearDuplicate& a, const NearDuplicate& b) {
              return a.second < b.second;
            });
  return matches;
}

}  // namespace

std::uint64_t difference_hash(const Picture& picture) {
  constexpr int kColumns = 9, kRows = 8;
  constexpr float kLeast = 0.25f;  // levels; flat areas differ by rounding
  const cv::Mat pixels = as_mat(picture);
  cv::Mat grey = pixels, small;
  if (picture.channels == 3)
    cv::cvtColor(pixels, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(grey, CV_32F);
  cv::resize(grey, small, {kColumns, kRows}, 0, 0, cv::INTER_AREA);
  std::uint64_t hash = 0;
  for (int y = 0; y < kRows; ++y) {
    const auto* row = small.ptr<float>(y);
    for (int x = 0; x + 1 < kColumns; ++x)
      hash = hash << 1 | (row[x + 1] - row[x] > kLeast ? 1 : 0);
  }
  return hash;
}

std::vector<NearDuplicate> near_duplicates(
    const std::vector<std::uint64_t>& first,
    const std::vector<std::uint64_t>& second, int distance, std::size_t limit) {
  std::vector<NearDuplicate> pairs;
  if (distance < 0)
    return pairs;
  const std::vector<BlockIndex> blocks = blocks_for(second, distance);
  for (std::size_t i = 0; i < first.size() && pairs.size() < limit; ++i) {
    if (first[i] == 0)
      continue;
    const auto matches = matches_of(first[i], i, second, blocks, distance);
    const std::size_t room = std::min(matches.size(), limit - pairs.size());
    pairs.insert(pairs.end(), matches.begin(),
                 matches.begin() + static_cast<std::ptrdiff_t>(room));
  }
  return pairs;
}

}  // namespace torchclassify
