// SPDX-License-Identifier: LGPL-2.1-or-later
// The element torchclassify: labels frames and passes them on in order.
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GST_DEBUG_CATEGORY_EXTERN(gst_torch_classify_debug);

#define GST_TYPE_TORCH_CLASSIFY (gst_torch_classify_get_type())
G_DECLARE_FINAL_TYPE(GstTorchClassify, gst_torch_classify, GST, TORCH_CLASSIFY,
                     GstElement)
G_END_DECLS
