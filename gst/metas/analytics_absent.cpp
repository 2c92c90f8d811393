// SPDX-License-Identifier: LGPL-2.1-or-later
// For a GStreamer without the analytics library.
#include "metas/analytics.h"

namespace torchclassify {

std::vector<Object> detections_on(GstBuffer*) { return {}; }

void add_related(GstBuffer*, Object&) {}

std::vector<std::vector<ObjectLabel>> lone_classifications_on(GstBuffer*) {
  return {};
}

std::optional<guint> add_detection(GstBuffer*, const Object&) {
  return std::nullopt;
}

void add_classes(GstBuffer*, std::optional<guint>,
                 const std::vector<ObjectLabel>&) {}

}  // namespace torchclassify
