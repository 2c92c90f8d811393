// SPDX-License-Identifier: LGPL-2.1-or-later
// Draws pictures into the pixels of frames.
#pragma once

#include <gst/video/video.h>

#include <vector>

#include "composer.h"
#include "ink.h"

namespace torchclassify::overlay {

// One thread at a time. Keeps the stamps in the frames' format for as long as
// both stay the same.
class Blender {
 public:
  // Writes what is below (may be null) and then the stamps into the buffer's
  // memory, which is copied first where others share it. With nothing to draw,
  // the buffer is not touched.
  //
  // Throws std::runtime_error for a buffer that cannot be written to or is not
  // what the info says.
  void blend(GstVideoOverlayComposition* below, Composer& composer,
             GstBuffer* buffer, const GstVideoInfo& info);

 private:
  void prepare(const Composer& composer, const GstVideoInfo& info);

  std::vector<Ink> inks_;  // of...
  GstVideoInfo info_{};
  guint64 drawing_ = 0;  // that drawing of the composer
};

}  // namespace torchclassify::overlay
