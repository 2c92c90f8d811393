// SPDX-License-Identifier: LGPL-2.1-or-later
// What frames before have said of the regions of this one.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "frame_queue.h"
#include "lru_map.h"
#include "verdict.h"

namespace torchclassify {

// The newest there is of a region.
struct Known {
  const Verdict* verdict = nullptr;            // until the next result is taken
  GstClockTime pts = GST_CLOCK_TIME_NONE;      // of the frame it comes from
  std::optional<int>* posted_label = nullptr;  // null: of what nobody tracks
};

// One stream's, of one model. One thread at a time. Bounded: it forgets the
// tracked objects that were seen least lately.
class Histories {
 public:
  // A request that is done, without an error and finite, in any order: one that
  // is older than what is known is passed over.
  void take(const Request& request, const FrameSettings& settings,
            const ModelInfo& info);

  // The frame was to be classified, and there was nothing that nobody tracks.
  void forget_untracked(std::uint64_t frame);

  // What is known of the part's region: by its key; of what nobody tracks, its
  // own result, else what the newest classified frame had in the same place, or
  // the one before that if no result of the newest is there yet.
  std::optional<Known> recall(const Part& part);

  void clear();

 private:
  struct History {
    Judge judge;
    Verdict verdict;
    GstClockTime pts = GST_CLOCK_TIME_NONE;
    std::uint64_t number = 0;  // of the request
    std::optional<int> posted_label;
  };
  struct Untracked {
    Box box;
    std::uint64_t number = 0;  // of the request
    Verdict verdict;
    GstClockTime pts = GST_CLOCK_TIME_NONE;
  };

  static const Untracked* nearest(const std::vector<Untracked>& all,
                                  const Box& box);
  const Untracked* own(const Part& part) const;
  void take_untracked(const Request& request, const FrameSettings& settings,
                      const ModelInfo& info);

  LruMap<History> histories_{1024};
  std::vector<Untracked> untracked_;   // of one frame
  std::vector<Untracked> before_;      // of the classified frame before it
  std::uint64_t untracked_frame_ = 0;  // its number
};

}  // namespace torchclassify
