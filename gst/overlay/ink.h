// SPDX-License-Identifier: LGPL-2.1-or-later
// A stamp in a frame's own format, so that blending it is one multiplication
// and one addition a byte. gst_video_blend() converts picture and frame anew
// for each frame: at 4K that takes longer than all the rest.
#pragma once

#include <gst/video/video.h>

#include <array>
#include <vector>

#include "composer.h"

namespace torchclassify::overlay {

class Ink {
 public:
  // True for formats whose every component is a byte of its own.
  static bool fits(const GstVideoInfo& info);

  // Of a format that fits; the stamp lies inside the frame. Throws
  // std::runtime_error where the picture cannot be converted.
  Ink(const Stamp& stamp, const GstVideoInfo& info);

  // Onto a frame of the same format and size, mapped for writing.
  void apply(GstVideoFrame& frame) const;

 private:
  // Bytes of one plane, row after row: frame = add + keep / 255 * frame.
  struct Plane {
    std::size_t row = 0;  // bytes
    std::vector<guint8> add;
    std::vector<guint8> keep;
  };

  void add_plane(guint index, const GstVideoFrame& colors,
                 const GstVideoFrame& alphas);

  Area area_;  // around the stamp, so that it begins where chroma does
  std::array<Plane, GST_VIDEO_MAX_PLANES> planes_;
};

}  // namespace torchclassify::overlay
