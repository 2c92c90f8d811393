// SPDX-License-Identifier: LGPL-2.1-or-later
// The sink pad's side: frames of one stream, or batches of several streams',
// are taken into the queue.
#pragma once

#include <gst/gst.h>

#include <deque>
#include <vector>

#include "batch.h"
#include "frame_queue.h"
#include "gst_raii.h"
#include "region_chooser.h"
#include "settings.h"
#include "stats.h"
#include "submitter.h"
#include "timing.h"

namespace torchclassify {

// Only the sink pad's streaming thread calls it, but for take_qos(), and for
// note_settings() and start(), before there is one.
class Intake {
 public:
  // Borrows all for its life.
  Intake(GstElement* element, FrameQueue& queue, Counters& counters,
         const ReportedLatency& latency);

  // The model has opened with these. No stream has begun.
  void note_settings(const FrameSettings& settings) {
    chooser_.note_settings(settings);
  }
  // The pad's stream begins: nothing of an earlier one is known.
  void start();
  // After a flush: the same stream, and its next frame is as its first.
  void flush();
  // Every serialized event. False for caps that no frame can have.
  bool take_event(GstEvent* event);
  // Any thread.
  void take_qos(GstEvent* event) { pad_.take_qos(event); }
  // Whether downstream looks at GstVideoMeta, as it says when it is asked.
  void set_meta_understood(bool understood) {
    pad_.set_meta_understood(understood);
  }
  bool has_caps() const { return is_batched_ || pad_.has_caps(); }

  // Waits for room. GST_FLOW_OK once all of the buffer is in the queue. Throws
  // Error for one that does not hold what its caps say.
  GstFlowReturn take(BufferPtr buffer, const FrameSettings& settings,
                     const ModelPtr& model);

 private:
  // What a stream of a batch has, by its newest caps.
  enum class Content { kUnknown, kVideo, kOther };
  struct Stream {
    Stream(guint number, Intake& owner)
        : submitter(number, owner.chooser_, owner.queue_, owner.counters_,
                    owner.latency_) {}

    Submitter submitter;
    Content content = Content::kUnknown;
  };
  struct BatchInput;

  GstFlowReturn take_batch(BufferPtr buffer, const FrameSettings& settings,
                           const ModelPtr& model);
  GstFlowReturn take_stream(BatchInput& input, guint number);
  GstFlowReturn take_frame(BatchInput& input, Stream& stream,
                           const Batch::Place& place,
                           std::vector<EventPtr> events);
  static void take_stream_event(Stream& stream, GstEvent* event);
  Stream& stream_at(guint number);

  FrameQueue& queue_;
  Counters& counters_;
  const ReportedLatency& latency_;
  RegionChooser chooser_;
  Submitter pad_;               // where there are batches, it knows their times
  std::deque<Stream> streams_;  // of batches; stay where they are
  bool is_batched_ = false;     // by the newest caps
};

}  // namespace torchclassify
