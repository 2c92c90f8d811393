// SPDX-License-Identifier: LGPL-2.1-or-later
// Detections and classifications in a buffer's GstAnalyticsRelationMeta.
// Without that library (GStreamer before 1.24) there are none and none is
// written.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>
#include <vector>

#include "metas/objects.h"

namespace torchclassify {

// Each detection, in their order, without what is related to it.
std::vector<Object> detections_on(GstBuffer* buffer);

// Adds what is related to a detection in either direction: the tracker's id
// where the object has none, and the classes that have a confidence and that
// the object does not have yet.
void add_related(GstBuffer* buffer, Object& object);

// The classes, by classification, of those that are related to no detection.
std::vector<std::vector<ObjectLabel>> lone_classifications_on(
    GstBuffer* buffer);

// The id of a new detection with this label, confidence and upright box, if
// there can be one.
std::optional<guint> add_detection(GstBuffer* buffer, const Object& object);

// A classification of this detection, or a lone one. Nothing is written where
// the buffer has no such detection.
void add_classes(GstBuffer* buffer, std::optional<guint> detection,
                 const std::vector<ObjectLabel>& classes);

}  // namespace torchclassify
