// SPDX-License-Identifier: LGPL-2.1-or-later
// The latest durations of something, and their percentiles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "torchclassify/classifier.h"

namespace torchclassify {

// Any thread.
class LatencyRecorder {
 public:
  void add(std::int64_t nanoseconds);
  // Over the latest kWindow durations, by nearest rank: that many percent took
  // no longer. Zeros before the first.
  LatencyPercentiles percentiles() const;

  static constexpr std::size_t kWindow = 1024;

 private:
  mutable std::mutex mutex_;
  std::array<std::int64_t, kWindow> ring_{};  // protected by mutex_
  std::size_t count_ = 0;                     // ever added; protected by mutex_
};

}  // namespace torchclassify
