// SPDX-License-Identifier: LGPL-2.1-or-later
// Built where GStreamer has no GstTensorMeta.
#include "tensors.h"

namespace torchclassify {

bool have_tensors() { return false; }

void add_tensor(GstBuffer*, const FrameResult&) {}

}  // namespace torchclassify
