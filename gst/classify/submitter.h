// SPDX-License-Identifier: LGPL-2.1-or-later
// The sink pad's part: what of a frame is inferred, and in which form it goes
// on.
#pragma once

#include <gst/video/video.h>

#include <cstdint>
#include <string>

#include "frame_queue.h"
#include "gst_raii.h"
#include "reclassify_schedule.h"
#include "region_chooser.h"
#include "settings.h"
#include "stats.h"
#include "timing.h"

namespace torchclassify {

class FrameView;

// One stream's. Only the sink pad's streaming thread calls it, but for
// take_qos(), and for start(), before there is one.
class Submitter {
 public:
  // Borrows all for its life. The stream is its number in a batch, or 0.
  Submitter(guint stream, RegionChooser& chooser, FrameQueue& queue,
            Counters& counters, const ReportedLatency& latency)
      : stream_(stream),
        chooser_(chooser),
        queue_(queue),
        counters_(counters),
        latency_(latency) {}

  // A stream begins: nothing of an earlier one is known.
  void start();
  // After a flush: the same stream, and its next frame is as its first.
  void flush();
  // Every serialized event: segments, caps and another stream are noted. False
  // for caps that no frame can have.
  bool take_event(GstEvent* event);
  // Any thread: inference is skipped for frames that would be late anyway.
  void take_qos(GstEvent* event) { deadline_.take(event); }
  // Whether downstream looks at GstVideoMeta, as it says when it is asked.
  void set_meta_understood(bool understood) { meta_understood_ = understood; }
  bool has_caps() const { return has_caps_; }

  // Whether what arrives now is passed on without inference, for it would come
  // too late or others are still at it.
  bool must_skip(GstBuffer* buffer, const FrameSettings& settings) const;

  // The frame, and the requests for what of it is inferred, unless it is to be
  // skipped. Throws Error for a buffer that does not hold what its caps say.
  QueueItem submit(BufferPtr buffer, const FrameSettings& settings,
                   ModelPtr model, bool skip);

 private:
  void take_stream(GstEvent* event);
  bool take_caps(GstEvent* event);
  bool is_its_turn(const FrameSettings& settings, GstBuffer* buffer);
  bool is_due(const Region& region, const FrameSettings& settings);
  void infer(QueueItem& item, const FrameSettings& settings);
  void infer_region(QueueItem& item, Part& part, const FrameView& view,
                    const FrameSettings& settings);

  const guint stream_;
  RegionChooser& chooser_;
  FrameQueue& queue_;
  Counters& counters_;
  const ReportedLatency& latency_;
  Deadline deadline_;            // atomic
  ReclassifySchedule schedule_;  // of the model below

  GstVideoInfo info_{};
  GstSegment segment_{};
  std::uint64_t model_serial_ = 0;  // of the frame before; 0: none
  guint64 frames_ = 0;              // since start() or flush()
  guint64 turns_ = 0;               // the same, or since the stream began
  std::string stream_id_;
  std::uint64_t stream_count_ = 0;  // of different ones, this one included
  bool has_caps_ = false;
  bool meta_understood_ = true;
};

}  // namespace torchclassify
