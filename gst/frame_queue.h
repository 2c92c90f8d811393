// SPDX-License-Identifier: LGPL-2.1-or-later
// The frames and serialized events of one stream, in order, with the results
// that are still being computed.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>

#include "gst_raii.h"
#include "torchclassify/classifier.h"

namespace torchclassify {

// A result and the frame it was computed from.
struct TimedResult {
  Classification classification;
  GstClockTime pts = GST_CLOCK_TIME_NONE;
};

// One submitted picture. Protected by its queue's lock until done.
struct Request {
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  std::uint64_t generation = 0;
  bool awaited = true;  // a frame waits for it; else it becomes latest()
  bool done = false;
  std::exception_ptr error;
  Classification result;
};
using RequestPtr = std::shared_ptr<Request>;

// Either a buffer, perhaps with its request, or an event.
struct QueueItem {
  BufferPtr buffer;
  EventPtr event;
  RequestPtr request;  // null: leaves without waiting
};

// Every method may be called from any thread. The waiting ones return when
// stop() is called or the consumer has failed.
class FrameQueue {
 public:
  // Accepts items from now on; what was in it or in flight is forgotten.
  void start();
  // Discards everything, wakes everybody; producers get GST_FLOW_FLUSHING.
  void stop();

  // GST_FLOW_OK once there is room for one more frame in a queue of limit.
  GstFlowReturn wait_for_room(int limit);
  // The item is dropped unless GST_FLOW_OK is returned.
  GstFlowReturn push(QueueItem item);
  // True once all items have been taken and finished.
  bool wait_drained();

  // Counts a request as in flight, until complete() or cancel().
  RequestPtr begin(GstClockTime pts, bool awaited);
  void complete(const RequestPtr& request, std::exception_ptr error,
                Classification result);
  void cancel();
  bool in_flight() const;

  // Waits for the first item and its result; empty when stopped. The caller
  // reports how it went with finish().
  std::optional<QueueItem> take();
  // Anything but GST_FLOW_OK discards the rest and is what producers get.
  void finish(GstFlowReturn flow);

  // The newest result that no frame waited for, since start(). Throws its
  // error.
  std::optional<TimedResult> latest() const;
  GstFlowReturn flow() const;

 private:
  bool head_ready() const;
  void end(GstFlowReturn flow);

  mutable std::mutex mutex_;  // protects all that follows
  std::condition_variable changed_;
  std::deque<QueueItem> items_;
  int frames_ = 0;     // buffers among items_
  int in_flight_ = 0;  // requests, those of before a flush included
  bool busy_ = false;  // an item was taken and is not finished
  GstFlowReturn flow_ = GST_FLOW_FLUSHING;
  std::uint64_t generation_ = 0;
  std::optional<TimedResult> latest_;
  std::exception_ptr failure_;  // of a request that no frame waited for
};

}  // namespace torchclassify
