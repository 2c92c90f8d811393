// SPDX-License-Identifier: LGPL-2.1-or-later
// The latest durations of something, and their percentiles.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "torchclassify/classifier.h"

namespace torchclassify {

// Any thread. All in the header, for who does not link the library.
class LatencyRecorder {
 public:
  static constexpr std::size_t kWindow = 1024;

  void add(std::int64_t nanoseconds) {
    const std::lock_guard lock(mutex_);
    ring_[count_++ % kWindow] = nanoseconds;
  }
  void reset() {
    const std::lock_guard lock(mutex_);
    count_ = 0;
  }

  // Over the latest kWindow durations, by nearest rank: that share of them, 0
  // to 1, took no longer. 0 before the first.
  std::int64_t percentile(double share) const { return at(share, sorted()); }
  LatencyPercentiles percentiles() const {
    const std::vector<std::int64_t> durations = sorted();
    return {at(0.5, durations), at(0.99, durations)};
  }

 private:
  std::vector<std::int64_t> sorted() const {
    std::vector<std::int64_t> durations;
    {
      const std::lock_guard lock(mutex_);
      const std::size_t filled = std::min(count_, kWindow);
      durations.assign(ring_.begin(),
                       ring_.begin() + static_cast<std::ptrdiff_t>(filled));
    }
    std::sort(durations.begin(), durations.end());
    return durations;
  }
  static std::int64_t at(double share,
                         const std::vector<std::int64_t>& durations) {
    if (durations.empty())
      return 0;
    const auto rank = static_cast<std::size_t>(
        std::ceil(share * static_cast<double>(durations.size())));
    return durations[std::max<std::size_t>(rank, 1) - 1];
  }

  mutable std::mutex mutex_;
  std::array<std::int64_t, kWindow> ring_{};  // protected by mutex_
  std::size_t count_ = 0;                     // ever added; protected by mutex_
};

}  // namespace torchclassify
