// SPDX-License-Identifier: LGPL-2.1-or-later
// A video buffer mapped for reading as the library's ImageView.
#pragma once

#include <gst/video/video.h>

#include <array>

#include "gst_raii.h"
#include "region.h"
#include "torchclassify/image.h"

namespace torchclassify {

// Maps the buffer for its lifetime. Trusts the caps for size, format and
// colorimetry, and GstVideoMeta, if there is one, for strides and offsets only.
// A plane that is spread over several memories is read from a copy; the buffer
// keeps its memories in any case.
class FrameView {
 public:
  // Throws Error kInvalidArgument for a buffer that cannot be mapped, a plane
  // that is not in the memory whole, a stride shorter than a row or a meta of
  // another format or smaller size, and kUnsupported for a format outside the
  // template caps.
  FrameView(GstBuffer* buffer, const GstVideoInfo& info);
  ~FrameView();
  FrameView(const FrameView&) = delete;
  FrameView& operator=(const FrameView&) = delete;

  const ImageView& image() const { return image_; }
  // The same frame's pixels in the region only.
  ImageView part(const Region& region) const;

 private:
  void map_plane(const GstVideoInfo& info, int plane, gsize offset, int stride);
  const GstMapInfo& map_bytes(gsize offset, gsize length, gsize* skip);
  void unmap();

  // With a reference of its own: where a merged memory is mapped, GStreamer
  // puts it into a buffer that has one owner only.
  const BufferPtr buffer_;
  std::array<GstMapInfo, 3> maps_{};
  int mapped_ = 0;
  ImageView image_;
};

}  // namespace torchclassify
