// SPDX-License-Identifier: LGPL-2.1-or-later
// The structures behind the properties stats and model-info.
#pragma once

#include <atomic>
#include <cstdint>

#include "gst_raii.h"
#include "torchclassify/classifier.h"

namespace torchclassify {

// Written by the streaming threads, read by any.
struct Counters {
  void reset() { frames = inferred = skipped = stale = not_finite = 0; }

  std::atomic<std::uint64_t> frames{0};      // pushed
  std::atomic<std::uint64_t> inferred{0};    // submitted
  std::atomic<std::uint64_t> skipped{0};     // let through without inference
  std::atomic<std::uint64_t> stale{0};       // carried another frame's result
  std::atomic<std::uint64_t> not_finite{0};  // the model gave NaN or Inf
};

// Without an open model, the counters alone and an empty structure.
StructurePtr stats_structure(const Counters& counters,
                             const Classifier* classifier);
StructurePtr model_info_structure(const Classifier* classifier);

}  // namespace torchclassify
