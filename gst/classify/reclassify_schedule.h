// SPDX-License-Identifier: LGPL-2.1-or-later
// When a tracked object is to be classified again.
#pragma once

#include <gst/gst.h>

#include <string>

#include "lru_map.h"

namespace torchclassify {

// One stream's. One thread at a time. Remembers the objects that were seen
// last, up to kMostTracked: one that it has forgotten is a new one.
class ReclassifySchedule {
 public:
  static constexpr std::size_t kMostTracked = 1024;

  // Frames are counted by the caller. interval: from one inference to the next;
  // 0: never again. Empty keys, of what nobody tracks, are always due.
  bool is_due(const std::string& key, guint interval, guint64 frame) {
    const guint64* last = key.empty() ? nullptr : frames_.find(key);
    return !last || (interval > 0 && frame - *last >= interval);
  }
  void note(const std::string& key, guint64 frame) {
    if (!key.empty())
      frames_[key] = frame;
  }
  void clear() { frames_.clear(); }

 private:
  LruMap<guint64> frames_{kMostTracked};  // of the last inference
};

}  // namespace torchclassify
