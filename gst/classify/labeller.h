// SPDX-License-Identifier: LGPL-2.1-or-later
// The source pad's part: which result a frame carries, and who is told.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "engine_loader.h"
#include "frame_queue.h"
#include "gst_raii.h"
#include "settings.h"
#include "stats.h"

namespace torchclassify {

// One stream's. Only the source pad's task calls it, or who has paused that.
class Labeller {
 public:
  // Borrows all three for its life.
  Labeller(GstElement* element, FrameQueue& queue, Counters& counters)
      : element_(element), queue_(queue), counters_(counters) {}

  // A stream begins: nothing of an earlier one is known.
  void start();
  // After a flush: the same stream, but no result of before it is carried on.
  void flush();
  // Every event, in order with the frames: segments and caps are noted.
  void take_event(GstEvent* event);

  // The frame with its result attached, or the newest there is; unchanged if
  // there is none. Tells the bus. Throws the error of the frame's inference.
  BufferPtr label(QueueItem item, const FrameSettings& settings,
                  const OpenModel& model);

 private:
  bool choose_result(const QueueItem& item);
  void note_not_finite();
  void post(PostMessages when, int label, const GstStructure* structure);

  GstElement* const element_;
  FrameQueue& queue_;
  Counters& counters_;

  GstSegment segment_{};
  int width_ = 0;  // of the frames, pixels
  int height_ = 0;
  std::optional<TimedResult> held_;  // the newest result of any frame yet
  std::optional<int> posted_label_;
  bool warned_not_finite_ = false;
};

}  // namespace torchclassify
