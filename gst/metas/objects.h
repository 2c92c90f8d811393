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
  int tracking_id = -1;  // a tracker's; -1 if there is none or it is no int
  // Where a result is to be written: at least one of the two.
  std::optional<int> region_of_interest;  // GstVideoRegionOfInterestMeta::id
  const void* region_meta = nullptr;      // that meta itself, while it is there
  std::optional<guint> detection;         // id of the GstAnalyticsODMtd
  std::vector<ObjectLabel> labels;        // classifications, by whom ever
};

// The region metas in their order, then the detections that none of them
// describes, at most `limit`. What both describe (the same box, with the same
// id or the same label) is there once, with the labels of both. Objects the
// size of the frame that an element torchclassify added (full-frame-object)
// are left out.
std::vector<Object> objects_on(GstBuffer* buffer, std::size_t limit);

// Labels of the whole frame by other elements: classifications that belong to
// no detection, most confident first within each. Those that the meta of an
// element torchclassify repeats on the same buffer are that element's own.
std::vector<std::vector<ObjectLabel>> frame_labels_on(GstBuffer* buffer);

// Adds a classification to the frame (object null) or to one of its objects,
// in each form that the object has: the parameter roi/torchclassify of its
// region meta, and a GstAnalyticsClsMtd with both vendors' relations. The
// object was read from this buffer or from one that it is a copy of.
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
// detections, and gives it this label in each form. As an analytics detection
// it leaves some pixels free at the top, where overlays write its label.
void add_full_frame_object(GstBuffer* buffer, int width, int height,
                           const Classified& classified);

}  // namespace torchclassify
