// SPDX-License-Identifier: LGPL-2.1-or-later
// Results as GStreamer metadata and bus messages.
#pragma once

#include <gst/video/video.h>

#include <cstdint>
#include <string>
#include <vector>

#include "frame_queue.h"
#include "gst_raii.h"

namespace torchclassify {

inline constexpr char kMetaName[] = "torchclassify";
inline constexpr char kRoiParamName[] = "roi/torchclassify";
inline constexpr char kUnknownLabel[] = "unknown";
inline constexpr int kUnknownLabelId = -1;

// What a frame is told about: one result for the whole of it.
struct FrameResult {
  std::string model;
  std::vector<Prediction> top;  // empty: there is no result
  const std::vector<std::string>* classes = nullptr;  // borrowed
  double threshold = 0;  // below it the label is "unknown"
  std::uint64_t age_ns = 0;
  int width = 0;   // of the frame, pixels
  int height = 0;  // of the frame, pixels
};

// Once per process, before anything below.
void register_meta();

// The label that is reported: of a class, or kUnknownLabelId.
int reported_label_id(const FrameResult& result);

// The structure that the message and the meta share.
StructurePtr result_structure(const FrameResult& result, GstBuffer* buffer,
                              const GstSegment& segment);

// Both need a writable buffer.
void add_frame_meta(GstBuffer* buffer, const GstStructure* structure);
void add_frame_object(GstBuffer* buffer, const FrameResult& result);

}  // namespace torchclassify
