// SPDX-License-Identifier: LGPL-2.1-or-later
#include "overlay_stats.h"

namespace torchclassify::overlay {
namespace {

guint64 mean(std::uint64_t sum, std::uint64_t count) {
  return count ? sum / count : 0;
}

}  // namespace

void Counters::reset() {
  for (auto* counter : {&frames, &drawn, &attached, &blended, &rendered,
                        &left_out, &crowded, &frame_ns, &render_ns})
    *counter = 0;
}

StructurePtr stats_structure(const Counters& c) {
  const auto u64 = [](const std::atomic<std::uint64_t>& counter) {
    return static_cast<guint64>(counter.load());
  };
  return StructurePtr(gst_structure_new(
      "stats", "frames", G_TYPE_UINT64, u64(c.frames), "drawn", G_TYPE_UINT64,
      u64(c.drawn), "attached", G_TYPE_UINT64, u64(c.attached), "blended",
      G_TYPE_UINT64, u64(c.blended), "rendered", G_TYPE_UINT64, u64(c.rendered),
      "left-out", G_TYPE_UINT64, u64(c.left_out), "crowded", G_TYPE_UINT64,
      u64(c.crowded), "frame-time", G_TYPE_UINT64, mean(c.frame_ns, c.frames),
      "render-time", G_TYPE_UINT64, mean(c.render_ns, c.rendered), nullptr));
}

}  // namespace torchclassify::overlay
