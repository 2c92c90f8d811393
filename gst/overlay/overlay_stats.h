// SPDX-License-Identifier: LGPL-2.1-or-later
// The structure behind the property stats of torchoverlay.
#pragma once

#include <atomic>
#include <cstdint>

#include "gst_raii.h"

namespace torchclassify::overlay {

// Written by the streaming thread, read by any.
struct Counters {
  void reset();

  std::atomic<std::uint64_t> frames{0};
  std::atomic<std::uint64_t> drawn{0};      // frames with anything on them
  std::atomic<std::uint64_t> attached{0};   // of these: as a composition
  std::atomic<std::uint64_t> blended{0};    // of these: into the pixels
  std::atomic<std::uint64_t> rendered{0};   // times that something was new
  std::atomic<std::uint64_t> left_out{0};   // findings without room or box
  std::atomic<std::uint64_t> crowded{0};    // frames with too many objects
  std::atomic<std::uint64_t> frame_ns{0};   // spent on all frames
  std::atomic<std::uint64_t> render_ns{0};  // spent on all renderings
};

StructurePtr stats_structure(const Counters& counters);

}  // namespace torchclassify::overlay
