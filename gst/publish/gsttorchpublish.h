// SPDX-License-Identifier: LGPL-2.1-or-later
// The element torchpublish: writes results as JSON lines, and passes every
// buffer on untouched.
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN(gst_torch_publish_debug);

#define GST_TYPE_TORCH_PUBLISH (gst_torch_publish_get_type())
G_DECLARE_FINAL_TYPE(GstTorchPublish, gst_torch_publish, GST, TORCH_PUBLISH,
                     GstBaseTransform)

G_END_DECLS
