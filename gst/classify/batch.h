// SPDX-License-Identifier: LGPL-2.1-or-later
// A buffer that carries frames of several streams: GstAnalyticsBatchMeta.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <mutex>
#include <vector>

#include "gst_raii.h"

namespace torchclassify {

// Whether this build can: the meta came with GStreamer 1.28.
bool have_batches();
// Caps of these have batches; those of each stream are in their field streams.
inline constexpr char kBatchMediaType[] = "multistream/x-analytics-batch";
inline constexpr char kBatchFeature[] = "meta:GstAnalyticsBatchMeta";

// While one exists nobody else may look into its container. Any thread.
class Batch {
 public:
  // Where a frame is in it.
  struct Place {
    guint stream = 0;
    gsize object = 0;  // among the stream's
    guint buffer = 0;  // in the object, if that is a list
  };
  // An event, or, where that is null, a frame.
  struct Entry {
    GstEvent* event = nullptr;  // the batch's
    Place place;                // of the frame
  };

  // Throws Error kInvalidArgument for a buffer without the meta.
  explicit Batch(BufferPtr container);

  guint streams() const;
  // In order; the stream's sticky events come first.
  std::vector<Entry> entries(guint stream) const;

  // Takes the frame out; an empty buffer is there until it is put back.
  BufferPtr take(const Place& place);
  void put(const Place& place, BufferPtr frame);

  // Another reference to the buffer that the frames are in.
  BufferPtr container() const;

 private:
  mutable std::mutex mutex_;  // protects what is in the container
  const BufferPtr container_;
};

}  // namespace torchclassify
