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
  std::uint64_t number = 0;  // of the request: a later one is newer
};

// One submitted picture. Protected by its queue's lock until done.
struct Request {
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  std::uint64_t generation = 0;
  std::uint64_t number = 0;  // counts requests of this queue
  bool awaited = true;       // a frame waits for it; else it becomes latest()
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
// stop() is called or the consumer has failed. When the consumer has had enough
// (GST_FLOW_EOS), frames are refused until a segment or a stream starts; events
// still pass, as they do in GStreamer's own queue.
class FrameQueue {
 public:
  // Accepts items from now on. Frames that were in it or in flight are
  // forgotten; what describes the stream comes first.
  void start();
  // Discards the frames, wakes everybody; producers get GST_FLOW_FLUSHING. The
  // events that describe the stream and outlive a flush, as caps do, are kept.
  void stop();
  // As stop(), and keeps nothing: the stream is over.
  void close();

  // GST_FLOW_OK once there is room for one more frame in a queue of limit.
  GstFlowReturn wait_for_room(int limit);
  // The item is dropped unless GST_FLOW_OK is returned. Never waits.
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
  // GST_FLOW_EOS discards the frames up to the next segment or stream; any
  // other failure discards as stop() does and is what producers get. True if
  // that was the end of the stream too: no producer will hear of the failure.
  bool finish(GstFlowReturn flow);

  // The newest result that no frame waited for, since start(). Throws its
  // error.
  std::optional<TimedResult> latest() const;
  // What events get: GST_FLOW_OK while there is a consumer.
  GstFlowReturn flow() const;

 private:
  bool head_ready() const;
  GstFlowReturn frame_flow() const;
  void end(GstFlowReturn flow);
  void discard_frames();

  mutable std::mutex mutex_;  // protects all that follows
  std::condition_variable changed_;
  std::deque<QueueItem> items_;
  int frames_ = 0;       // buffers among items_
  int in_flight_ = 0;    // requests, those of before a flush included
  bool busy_ = false;    // an item was taken and is not finished
  EventPtr pushing_;     // the item that was taken, if it is an event to keep
  bool enough_ = false;  // the consumer wants no more frames of this segment
  GstFlowReturn flow_ = GST_FLOW_FLUSHING;
  std::uint64_t generation_ = 0;  // of start() and stop()
  std::uint64_t taken_ = 0;       // the generation of the item that was taken
  std::uint64_t requests_ = 0;    // ever begun
  std::optional<TimedResult> latest_;
  std::exception_ptr failure_;  // of a request that no frame waited for
};

}  // namespace torchclassify
