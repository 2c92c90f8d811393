// SPDX-License-Identifier: LGPL-2.1-or-later
// What an element that scales frames makes of their metas.
#pragma once

#include <gst/video/video.h>

namespace support {

// From 641x479 to 100x77: nothing divides evenly.
inline GstBuffer* scaled(GstBuffer* buffer) {
  GstVideoInfo in, out;
  gst_video_info_set_format(&in, GST_VIDEO_FORMAT_RGB, 641, 479);
  gst_video_info_set_format(&out, GST_VIDEO_FORMAT_RGB, 100, 77);
  GstVideoMetaTransform transform = {&in, &out};
  GstBuffer* copy = gst_buffer_new();
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta(buffer, &state))
    meta->info->transform_func(copy, meta, buffer,
                               gst_video_meta_transform_scale_get_quark(),
                               &transform);
  return copy;
}

}  // namespace support
