// SPDX-License-Identifier: LGPL-2.1-or-later
// The pixels of a buffer that says what it is, and parts of them.
#pragma once

#include <gst/video/video.h>

#include "boxes.h"

namespace torchclassify::overlay {

// Maps the buffer for its lifetime. Throws std::runtime_error for a buffer that
// cannot be mapped, is shorter than its frame, or has a GstVideoMeta with a
// plane outside it or of another frame.
class MappedFrame {
 public:
  MappedFrame(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags);
  ~MappedFrame() { gst_video_frame_unmap(&frame_); }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  GstVideoFrame& get() { return frame_; }

 private:
  GstVideoFrame frame_;
};

// A component that the plane has.
int component_of_plane(const GstVideoFormatInfo& format, guint plane);

// True for formats in which a pixel's place in memory is its number times the
// pixel stride.
bool is_linear(const GstVideoFormatInfo& format);

// The area with corners where every format's chroma begins, inside the frame.
Area aligned(const Area& area, const GstVideoInfo& info);

// Where an aligned area begins in a plane of a linear format.
guint8* plane_at(const GstVideoFrame& frame, guint plane, const Area& area);

}  // namespace torchclassify::overlay
