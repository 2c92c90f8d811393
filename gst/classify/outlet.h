// SPDX-License-Identifier: LGPL-2.1-or-later
// The source pad's side: frames leave the queue with what is said of them, and
// those of a batch go back into it.
#pragma once

#include <gst/gst.h>

#include <deque>

#include "frame_queue.h"
#include "gst_raii.h"
#include "labeller.h"
#include "notices.h"
#include "settings.h"
#include "stats.h"

namespace torchclassify {

// Only the source pad's task calls it, or who has paused that.
class Outlet {
 public:
  // Borrows all for its life.
  Outlet(GstElement* element, FrameQueue& queue, Counters& counters);

  // The pad's stream begins: nothing of an earlier one is known.
  void start();
  // After a flush: the same stream, but no result of before it is carried on.
  void flush();
  // Every event, in order with the frames.
  void take_event(GstEvent* event) { pad_.take_event(event); }

  // What is to be pushed for the item, which is a buffer: null for a frame of a
  // batch, whose container follows. Throws the error of the frame's inference.
  BufferPtr take(QueueItem item, const FrameSettings& settings);

 private:
  BufferPtr label(QueueItem item, const FrameSettings& settings);
  Labeller& labeller_at(guint number);

  GstElement* const element_;
  FrameQueue& queue_;
  Counters& counters_;
  Notices notices_;
  Labeller pad_;
  std::deque<Labeller> streams_;  // of batches; stay where they are
};

}  // namespace torchclassify
