// SPDX-License-Identifier: LGPL-2.1-or-later
// The objects and labels that other elements have put on a frame.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace torchclassify {

struct ObjectLabel {
  std::string label;      // valid UTF-8
  double confidence = 0;  // as written
};

// One detection. Numbers are as written: the box may lie outside the frame, be
// empty or not be a number.
struct Object {
  std::string label;      // the detector's class, valid UTF-8; may be empty
  double confidence = 0;  // of the detection; 0 if nobody says
  double x = 0;           // pixels: the upright box before the rotation
  double y = 0;
  double width = 0;
  double height = 0;
  double rotation = 0;   // radians, clockwise about the box's centre
  int tracking_id = -1;  // a tracker's, or -1
  // Where a result is to be written: at least one of the two.
  std::optional<int> region_of_interest;  // GstVideoRegionOfInterestMeta::id
  const void* region_meta = nullptr;  // that meta itself, while it is there
  std::optional<guint> detection;     // id of the GstAnalyticsODMtd
  std::vector<ObjectLabel> labels;  // classifications, by whom ever
};

// In the order in which they were written, at most `limit`. An object that
// both a GstVideoRegionOfInterestMeta and an analytics detection describe (the
// same id, or the same box and label) is there once. Objects the size of the
// frame that an element torchclassify added (full-frame-object) are left out.
std::vector<Object> objects_on(GstBuffer* buffer, std::size_t limit);

// Labels of the whole frame by other elements (classifications that belong to
// no detection), most confident first within each.
std::vector<std::vector<ObjectLabel>> frame_labels_on(GstBuffer* buffer);

// Adds a classification to the frame (object null) or to one of its objects,
// in each form that this GStreamer has: the parameter roi/torchclassify of its
// region meta, and a GstAnalyticsClsMtd with both vendors' relations.
struct Classified {
  std::string model;
  std::string label;  // reported; "unknown" with the id -1
  int label_id = -1;
  double confidence = 0;
  std::vector<ObjectLabel> top;  // descending; what analytics consumers get
};
void add_classification(GstBuffer* buffer, const Object* object,
                        const Classified& classified);

// Adds a detection the size of the frame, for consumers that show only
// detections, and gives it this label in each form.
void add_full_frame_object(GstBuffer* buffer, int width, int height,
                           const Classified& classified);

}  // namespace torchclassify
