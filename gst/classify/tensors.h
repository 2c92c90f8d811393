// SPDX-License-Identifier: LGPL-2.1-or-later
// All confidences of a frame, for elements that work on tensors.
#pragma once

#include <gst/gst.h>

#include "metadata.h"

namespace torchclassify {

// Whether this build can: GstTensorMeta came with GStreamer 1.26.
bool have_tensors();

// One tensor, float32 [regions, classes], of the regions whose confidences are
// known, in the order of the results; its id says whether each row sums to one
// (softmax). Nothing where have_tensors() is false. Needs a writable buffer.
void add_tensor(GstBuffer* buffer, const FrameResult& result);

}  // namespace torchclassify
