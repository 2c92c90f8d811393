// SPDX-License-Identifier: LGPL-2.1-or-later
// The frames and serialized events of one stream, in order, with the results
// that are still being computed.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "batch.h"
#include "gst_raii.h"
#include "model.h"
#include "region.h"
#include "torchclassify/classifier.h"

namespace torchclassify {

using QueueClock = std::chrono::steady_clock;

// One submitted region of a frame. What follows generation is set by its queue,
// under whose lock it is until it is done.
struct Request {
  guint stream = 0;                // its number in a batch, else 0
  std::uint64_t stream_count = 0;  // of streams that had this number
  // Not the model itself: a request may be let go of by a thread of the model's
  // engine, which must not be the last to hold it.
  std::uint64_t model_serial = 0;
  std::string key;  // the region's
  Box box;
  std::uint64_t frame = 0;  // counted by the submitter
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  GstClockTime stream_time = GST_CLOCK_TIME_NONE;
  bool awaited = true;  // its frame waits for it; else it becomes an arrival

  std::uint64_t generation = 0;
  std::uint64_t number = 0;  // counts requests of this queue
  bool was_overdue = false;  // its frame has left without it
  bool done = false;
  QueueClock::time_point done_at;
  std::exception_ptr error;
  Classification result;
};
using RequestPtr = std::shared_ptr<Request>;

// A region, and its request if its frame waits for one.
struct Part {
  Region region;
  RequestPtr request;
};

// Where in a batch a frame belongs, and the events of its stream before it.
struct BatchOrigin {
  std::shared_ptr<Batch> batch;
  Batch::Place place;
  std::vector<EventPtr> events;
};

// Either a buffer, with what is to be said of it, or an event.
struct QueueItem {
  BufferPtr buffer;
  EventPtr event;
  ModelPtr model;
  std::vector<Part> parts;
  std::uint64_t stream_count = 0;  // as in Request
  std::uint64_t classified = 0;    // the frame's number; 0: no inference of it
  QueueClock::time_point arrived;
  // The buffer waits no longer; its requests then become arrivals.
  std::optional<QueueClock::time_point> deadline;
  // Set by take(): from its arrival until its results, and those of the buffers
  // before it, were there or the deadline was.
  QueueClock::duration delay{};
  bool overdue = false;  // set by take(): it leaves without a result of its own
  std::optional<BatchOrigin> origin;  // of a frame of a batch
  bool is_container = false;  // the buffer is what frames before came in
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

  // Counts the request as in flight, until complete() or cancel().
  RequestPtr begin(Request request);
  void complete(const RequestPtr& request, std::exception_ptr error,
                Classification result);
  void cancel();
  bool in_flight() const;
  // Whether a request is in flight for which its frame has not waited.
  bool is_overdue() const;

  // Waits for the first item and its results; empty when stopped. The caller
  // reports how it went with finish().
  std::optional<QueueItem> take();
  // GST_FLOW_EOS discards the frames up to the next segment or stream; any
  // other failure discards as stop() does and is what producers get. True if
  // that was the end of the stream too: no producer will hear of the failure.
  bool finish(GstFlowReturn flow);

  // The stream's results since the last call, or start(), that no frame waited
  // for, in the order in which they came. Throws an error among them, whichever
  // stream's.
  std::vector<RequestPtr> take_arrivals(guint stream);
  // What events get: GST_FLOW_OK while there is a consumer.
  GstFlowReturn flow() const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  bool head_ready() const;
  void wait_for_head(Lock& lock);
  void settle_head();
  GstFlowReturn frame_flow() const;
  void end(GstFlowReturn flow);
  void discard_frames();

  mutable std::mutex mutex_;  // protects all that follows
  std::condition_variable changed_;
  std::deque<QueueItem> items_;
  int frames_ = 0;       // buffers among items_
  int in_flight_ = 0;    // requests, those of before a flush included
  int overdue_ = 0;      // of those
  bool busy_ = false;    // an item was taken and is not finished
  EventPtr pushing_;     // the item that was taken, if it is an event to keep
  bool enough_ = false;  // the consumer wants no more frames of this segment
  GstFlowReturn flow_ = GST_FLOW_FLUSHING;
  std::uint64_t generation_ = 0;  // of start() and stop()
  std::uint64_t taken_ = 0;       // the generation of the item that was taken
  std::uint64_t requests_ = 0;    // ever begun
  std::vector<RequestPtr> arrivals_;  // of all streams
  std::exception_ptr failure_;        // of a request that no frame waited for
  QueueClock::time_point ready_{};    // when the buffer taken last was
};

}  // namespace torchclassify
