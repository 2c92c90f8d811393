// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frames.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace torchclassify::overlay {
namespace {

// What gst_video_frame_map() takes for granted.
void check_meta(GstBuffer* buffer, const GstVideoInfo& info) {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  if (!meta)
    return;
  if (meta->format != GST_VIDEO_INFO_FORMAT(&info) ||
      meta->n_planes != GST_VIDEO_INFO_N_PLANES(&info) ||
      meta->width < static_cast<guint>(info.width) ||
      meta->height < static_cast<guint>(info.height))
    throw std::runtime_error(
        std::string("expected a GstVideoMeta of ") +
        GST_VIDEO_INFO_NAME(&info) + " " + std::to_string(info.width) + "x" +
        std::to_string(info.height) + ", got " +
        gst_video_format_to_string(meta->format) + " " +
        std::to_string(meta->width) + "x" + std::to_string(meta->height));
  for (guint plane = 0; plane < meta->n_planes; ++plane) {
    if (meta->offset[plane] >= gst_buffer_get_size(buffer))
      throw std::runtime_error("expected plane " + std::to_string(plane) +
                               " inside the buffer, got offset " +
                               std::to_string(meta->offset[plane]));
  }
}

// Without a GstVideoMeta, gst_video_frame_map() has checked the size.
void check_planes(const GstVideoFrame& frame) {
  const GstVideoFormatInfo& format = *frame.info.finfo;
  // A stride of tiles is two numbers in one, and GStreamer's own business.
  if (!frame.meta || GST_VIDEO_FORMAT_INFO_IS_TILED(&format))
    return;
  for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(&frame); ++plane) {
    const int c = component_of_plane(format, plane);
    const gint64 stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
    const gint64 row = GST_VIDEO_FORMAT_INFO_PSTRIDE(&format, c) *
                       gint64{GST_VIDEO_FRAME_COMP_WIDTH(&frame, c)};
    const gint64 rows = GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c);
    const GstMapInfo& map = frame.map[plane];
    const gint64 room =
        map.data + map.size - static_cast<guint8*>(frame.data[plane]);
    if (stride < row || stride * (rows - 1) + row > room)
      throw std::runtime_error(
          "expected plane " + std::to_string(plane) +
          " inside the buffer, got a GstVideoMeta with stride " +
          std::to_string(stride));
  }
}

}  // namespace

MappedFrame::MappedFrame(GstBuffer* buffer, const GstVideoInfo& info,
                         GstMapFlags flags) {
  check_meta(buffer, info);
  if (!gst_video_frame_map(&frame_, &info, buffer, flags))
    throw std::runtime_error("expected a frame of " +
                             std::to_string(info.size) +
                             " bytes that can be mapped, got a buffer of " +
                             std::to_string(gst_buffer_get_size(buffer)));
  try {
    check_planes(frame_);
  } catch (...) {
    gst_video_frame_unmap(&frame_);
    throw;
  }
}

int component_of_plane(const GstVideoFormatInfo& format, guint plane) {
  for (guint c = 0; c < format.n_components; ++c) {
    if (format.plane[c] == plane)
      return static_cast<int>(c);
  }
  return 0;
}

bool is_linear(const GstVideoFormatInfo& format) {
  if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&format) ||
      GST_VIDEO_FORMAT_INFO_IS_TILED(&format) ||
      GST_VIDEO_FORMAT_INFO_IS_COMPLEX(&format))
    return false;
  return std::all_of(format.pixel_stride,
                     format.pixel_stride + format.n_components,
                     [](int stride) { return stride > 0; });
}

Area aligned(const Area& area, const GstVideoInfo& info) {
  constexpr int kMask = 7;  // no format's chroma is coarser than 8 pixels
  const int x = area.x & ~kMask;
  const int y = area.y & ~kMask;
  const int width = (area.x + area.width - x + kMask) & ~kMask;
  const int height = (area.y + area.height - y + kMask) & ~kMask;
  return {x, y, std::min(width, info.width - x),
          std::min(height, info.height - y)};
}

guint8* plane_at(const GstVideoFrame& frame, guint plane, const Area& area) {
  const GstVideoFormatInfo& format = *frame.info.finfo;
  const int c = component_of_plane(format, plane);
  const gsize across = gsize(area.x >> format.w_sub[c]) *
                       GST_VIDEO_FORMAT_INFO_PSTRIDE(&format, c);
  const gsize down = gsize(area.y >> format.h_sub[c]) *
                     GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
  return static_cast<guint8*>(frame.data[plane]) + across + down;
}

}  // namespace torchclassify::overlay
