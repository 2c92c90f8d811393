// SPDX-License-Identifier: LGPL-2.1-or-later
// What the element says once, whichever of its streams it is about.
#pragma once

#include <gst/gst.h>

#include <cstdint>

#include "model.h"
#include "settings.h"
#include "stats.h"

namespace torchclassify {

// Only the source pad's task calls it, or who has paused that.
class Notices {
 public:
  // Borrows both for its life.
  Notices(GstElement* element, Counters& counters)
      : element_(element), counters_(counters) {}

  // Nothing of what was before is known.
  void start();
  // Of every frame, in order. Another model than before is announced, as from
  // this frame on.
  void note_model(const OpenModel& model, GstBuffer* buffer,
                  const GstSegment& segment);
  // Of every frame. What cannot be obeyed is warned of, once.
  void note_settings(const FrameSettings& settings);
  // Of every result that is NaN or Inf. Counted; warned of, once.
  void note_not_finite();

 private:
  GstElement* const element_;
  Counters& counters_;

  std::uint64_t model_serial_ = 0;  // of the frame before; 0: none
  bool warned_not_finite_ = false;
  bool refused_tensors_ = false;  // as the settings were for the frame before
};

}  // namespace torchclassify
