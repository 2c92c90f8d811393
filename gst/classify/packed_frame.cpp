// SPDX-License-Identifier: LGPL-2.1-or-later
#include "packed_frame.h"

#include <algorithm>
#include <cstring>

#include "frame_view.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

bool is_packed(GstBuffer* buffer, const GstVideoInfo& info) {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  if (!meta)
    return true;
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(&info); ++i) {
    if (meta->offset[i] != info.offset[i] || meta->stride[i] != info.stride[i])
      return false;
  }
  return true;
}

// The padding that the last row lacks becomes 0.
void copy_plane(const Plane& plane, int rows, std::uint8_t* target,
                int stride) {
  const auto length = static_cast<std::size_t>(stride);
  const auto step = static_cast<std::size_t>(plane.stride);
  std::size_t at = 0;
  for (int row = 0; row < rows; ++row, at += step, target += length) {
    const std::size_t count = std::min({length, step, plane.size - at});
    std::memcpy(target, plane.data + at, count);
    std::memset(target + count, 0, length - count);
  }
}

[[noreturn]] void refuse_memory(const GstVideoInfo& info) {
  throw Error(ErrorCode::kOutOfMemory, "expected memory for a frame of " +
                                           std::to_string(info.size) +
                                           " bytes, got none");
}

void copy_planes(const ImageView& image, const GstVideoInfo& info,
                 GstBuffer* copy) {
  GstMapInfo map;
  if (!gst_buffer_map(copy, &map, GST_MAP_WRITE))
    refuse_memory(info);
  for (guint i = 0; i < GST_VIDEO_INFO_N_PLANES(&info); ++i) {
    // Component i is of plane i in every format of the template caps.
    copy_plane(image.planes[i], GST_VIDEO_INFO_COMP_HEIGHT(&info, i),
               map.data + info.offset[i], info.stride[i]);
  }
  gst_buffer_unmap(copy, &map);
}

}  // namespace

BufferPtr packed_frame(BufferPtr buffer, const GstVideoInfo& info) {
  if (is_packed(buffer.get(), info))
    return buffer;
  const FrameView view(buffer.get(), info);
  BufferPtr copy(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  if (!copy)
    refuse_memory(info);
  gst_buffer_copy_into(copy.get(), buffer.get(), GST_BUFFER_COPY_METADATA, 0,
                       -1);
  if (GstVideoMeta* meta = gst_buffer_get_video_meta(copy.get()))
    gst_buffer_remove_meta(copy.get(), &meta->meta);
  copy_planes(view.image(), info, copy.get());
  return copy;
}

}  // namespace torchclassify
