// SPDX-License-Identifier: LGPL-2.1-or-later
// The sink pad's part: which frames are inferred, and in which form they go on.
#pragma once

#include <gst/video/video.h>

#include "engine_loader.h"
#include "frame_queue.h"
#include "gst_raii.h"
#include "settings.h"
#include "stats.h"
#include "timing.h"

namespace torchclassify {

// One stream's. Only the sink pad's streaming thread calls it, but for
// take_qos().
class Submitter {
 public:
  // Borrows both for its life.
  Submitter(FrameQueue& queue, Counters& counters)
      : queue_(queue), counters_(counters) {}

  // A stream begins: nothing of an earlier one is known.
  void start();
  // After a flush: the same stream, and its next frame is as its first.
  void flush();
  // Every serialized event: segments and caps are noted. False for caps that
  // no frame can have.
  bool take_event(GstEvent* event);
  // Any thread: inference is skipped for frames that would be late anyway.
  void take_qos(GstEvent* event) { deadline_.take(event); }
  // Whether downstream looks at GstVideoMeta, as it says when it is asked.
  void set_meta_understood(bool understood) { meta_understood_ = understood; }
  bool has_caps() const { return has_caps_; }

  // The frame, and its request if it is inferred. Throws Error for a buffer
  // that does not hold what its caps say.
  QueueItem submit(BufferPtr buffer, const FrameSettings& settings,
                   const OpenModel& model);

 private:
  bool wants_inference(const FrameSettings& settings, GstBuffer* buffer);
  RequestPtr request(const FrameSettings& settings, const OpenModel& model,
                     GstBuffer* buffer);

  FrameQueue& queue_;
  Counters& counters_;
  Deadline deadline_;  // atomic

  GstVideoInfo info_{};
  GstSegment segment_{};
  guint64 frames_ = 0;  // since start() or flush()
  bool has_caps_ = false;
  bool meta_understood_ = true;
};

}  // namespace torchclassify
