// SPDX-License-Identifier: LGPL-2.1-or-later
// Batches as analyticscombiner makes them, written and read.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

namespace support {

inline constexpr char kBatchCaps[] =
    "multistream/x-analytics-batch(meta:GstAnalyticsBatchMeta)";

// What a stream has in one batch. The events are borrowed, the objects given.
struct BatchStream {
  std::string id = "a";
  std::string caps = "video/x-raw,format=GRAY8,width=8,height=4";
  std::vector<GstMiniObject*> objects;
};

// The stream's sticky events are those of its id and caps, and a segment.
GstBuffer* make_batch(const std::vector<BatchStream>& streams);

// The frames of a batch, in order, those in lists too.
std::vector<GstBuffer*> frames_of(GstBuffer* batch);
// Their labels: "7 8 | 9" of two streams, "-" where there is none.
std::string labels_of(GstBuffer* batch);

}  // namespace support
