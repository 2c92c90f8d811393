// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames for who looks at the caps alone, and not at GstVideoMeta.
#pragma once

#include <gst/video/video.h>

#include "gst_raii.h"

namespace torchclassify {

// The buffer itself if its layout is the one that its caps imply; else a copy
// in that layout, with the same times, flags and metas but GstVideoMeta. Throws
// what FrameView throws.
BufferPtr packed_frame(BufferPtr buffer, const GstVideoInfo& info);

}  // namespace torchclassify
