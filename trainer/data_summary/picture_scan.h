// SPDX-License-Identifier: LGPL-2.1-or-later
// Every picture of a data set, decoded once and reduced to what matters.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "torchclassify/train/dataset.h"
#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {

struct PictureFacts {
  int width = 0;  // 0: it could not be read
  int height = 0;
  int channels = 0;
  std::uint64_t look = 0;                       // difference_hash()
  std::array<std::uint8_t, 64> thumbnail = {};  // grey, 8x8
  std::array<std::uint8_t, 16> digest = {};     // of the pixels' SHA-256
  // Of values in [0, 1], by channel; those of grey pictures are all the same.
  std::array<float, 3> mean = {};
  std::array<float, 3> mean_square = {};
};

struct Remark {
  std::size_t index = 0;
  Suspicion suspicion = Suspicion::kTiny;  // of readable ones
  std::string reason;

  auto operator<=>(const Remark&) const = default;
};

struct PictureScan {
  std::vector<PictureFacts> facts;  // by index
  Findings<Remark> unreadable;      // by index
  Findings<Remark> suspicious;
  std::map<std::string, std::size_t> kinds;
  std::uint64_t file_bytes = 0;
};

// progress as in SummaryOptions, done and total being this set's.
PictureScan scan_pictures(
    const Dataset& dataset, int threads, std::size_t most_listed,
    const std::function<void(std::size_t done)>& progress);

}  // namespace torchclassify
