// SPDX-License-Identifier: LGPL-2.1-or-later
// The source pad's part: what is said of a frame, and who is told.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <vector>

#include "frame_queue.h"
#include "gst_raii.h"
#include "histories.h"
#include "metadata.h"
#include "notices.h"
#include "settings.h"
#include "stats.h"

namespace torchclassify {

// One stream's. Only the source pad's task calls it, or who has paused that.
class Labeller {
 public:
  // Borrows all for its life. The stream is its number in a batch, or 0.
  Labeller(GstElement* element, guint stream, FrameQueue& queue,
           Counters& counters, Notices& notices)
      : element_(element),
        stream_(stream),
        queue_(queue),
        counters_(counters),
        notices_(notices) {}

  // A stream begins: nothing of an earlier one is known.
  void start();
  // After a flush: the same stream, but no result of before it is carried on.
  void flush();
  // Every event, in order with the frames: segments and caps are noted.
  void take_event(GstEvent* event);

  // The frame with its results attached, or the newest there are; unchanged if
  // there are none. Tells the bus. Throws the error of the frame's inference.
  BufferPtr label(QueueItem item, const FrameSettings& settings);

 private:
  void forget();
  void note_caps(GstEvent* event);
  void note_origin(const QueueItem& item);
  void take_results(const QueueItem& item, const FrameSettings& settings);
  void take(const Request& request, const OpenModel& model,
            const FrameSettings& settings);
  FrameResult results_of(const QueueItem& item);
  bool labels_changed(const FrameResult& frame);
  void post_results(PostMessages when, const FrameResult& frame,
                    const GstStructure* structure);

  GstElement* const element_;
  const guint stream_;
  FrameQueue& queue_;
  Counters& counters_;
  Notices& notices_;

  GstSegment segment_{};
  int width_ = 0;  // of the frames, pixels
  int height_ = 0;
  Histories histories_;                // of the model and stream below
  std::vector<int> posted_untracked_;  // labels of what nobody tracks, sorted
  std::uint64_t model_serial_ = 0;     // of the frame before; 0: none
  std::uint64_t stream_count_ = 0;     // likewise
};

}  // namespace torchclassify
