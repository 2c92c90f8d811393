// SPDX-License-Identifier: LGPL-2.1-or-later
// Results as GStreamer metadata and bus messages.
#pragma once

#include <gst/video/video.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "gst_raii.h"
#include "model.h"
#include "region.h"
#include "verdict.h"

namespace torchclassify {

inline constexpr char kMetaName[] = "torchclassify";
inline constexpr char kUnknownLabel[] = "unknown";

// What is said of a region; borrows all.
struct RegionResult {
  const Region* region = nullptr;
  const Verdict* verdict = nullptr;
  std::uint64_t age_ns = 0;  // since the frame that was classified
  std::optional<int>* posted_label = nullptr;  // as Known's
};

struct FrameResult {
  const OpenModel* model = nullptr;  // borrowed
  std::vector<RegionResult> regions;
  std::optional<guint> stream;  // of a batch
  int width = 0;                // of the frame, pixels
  int height = 0;               // of the frame, pixels
};

// Once per process, before anything below.
void register_meta();

// The structure that the message and the meta share.
StructurePtr result_structure(const FrameResult& result, GstBuffer* buffer,
                              const GstSegment& segment);

// Of the message that announces a model, with its first frame.
StructurePtr model_structure(const OpenModel& model, GstBuffer* buffer,
                             const GstSegment& segment);

// As an element message.
void post_message(GstElement* element, StructurePtr structure);

// All need a writable buffer.
void add_frame_meta(GstBuffer* buffer, const GstStructure* structure);
// On the objects and the frame, where other elements look for them.
void add_classifications(GstBuffer* buffer, const FrameResult& result,
                         bool full_frame_object);

}  // namespace torchclassify
