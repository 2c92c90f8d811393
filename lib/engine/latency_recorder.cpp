// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/latency_recorder.h"

#include <algorithm>
#include <vector>

namespace torchclassify {

void LatencyRecorder::add(std::int64_t nanoseconds) {
  const std::lock_guard lock(mutex_);
  ring_[count_++ % kWindow] = nanoseconds;
}

LatencyPercentiles LatencyRecorder::percentiles() const {
  std::vector<std::int64_t> sorted;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t filled = std::min(count_, kWindow);
    sorted.assign(ring_.begin(), ring_.begin() + static_cast<long>(filled));
  }
  if (sorted.empty())
    return {};
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&sorted](std::size_t percent) {
    return sorted[(sorted.size() * percent + 99) / 100 - 1];
  };
  return {at(50), at(99)};
}

}  // namespace torchclassify
