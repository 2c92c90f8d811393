// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects and labels as GstVideoRegionOfInterestMeta and its parameters, with
// the names and types that DL Streamer has made common.
#pragma once

#include <gst/video/video.h>

#include <optional>
#include <vector>

#include "metas/objects.h"

namespace torchclassify {

struct Regions {
  std::vector<Object> objects;   // at most as many as asked for
  std::vector<Object> left_out;  // by add_full_frame_region()
};
Regions regions_on(GstBuffer* buffer, std::size_t limit);

// Adds the parameter to the object's meta, if this buffer has it: the very
// meta, or its copy.
void add_region_label(GstBuffer* buffer, const Object& object,
                      const Classified& classified);

// A region the size of the frame; regions_on() will leave it out.
void add_full_frame_region(GstBuffer* buffer, int width, int height,
                           std::optional<guint> detection,
                           const Classified& classified);

}  // namespace torchclassify
