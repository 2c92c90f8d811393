// SPDX-License-Identifier: LGPL-2.1-or-later
// The structures behind the properties stats and model-info.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "gst_raii.h"
#include "torchclassify/classifier.h"
#include "torchclassify/latency_recorder.h"

namespace torchclassify {

// Written by the streaming threads, read by any.
struct Counters {
  void reset();
  // Of a frame.
  void note_regions(int count);
  // Of the frames since the last but one call of begin_window(): the most.
  int most_regions() const {
    return std::max(most_now_.load(), most_before_.load());
  }
  void begin_window() { most_before_ = most_now_.exchange(0); }

  std::atomic<std::uint64_t> frames{0};    // pushed
  std::atomic<std::uint64_t> inferred{0};  // regions, submitted
  std::atomic<std::uint64_t> skipped{0};   // frames, without inference
  std::atomic<std::uint64_t> stale{0};     // frames, with another's result
  std::atomic<std::uint64_t> overdue{0};   // of these: their own came too late
  std::atomic<std::uint64_t> left_out{0};  // regions outside or beyond the 64
  std::atomic<std::uint64_t> not_finite{0};  // the model gave NaN or Inf
  std::atomic<std::uint64_t> swaps{0};       // of the model
  LatencyRecorder added;  // until a frame's results were there

 private:
  std::atomic<int> most_now_{0};
  std::atomic<int> most_before_{0};
};

// Without an open model, the counters alone and an empty structure.
StructurePtr stats_structure(const Counters& counters,
                             const Classifier* classifier);
StructurePtr model_info_structure(const Classifier* classifier);

}  // namespace torchclassify
