// SPDX-License-Identifier: LGPL-2.1-or-later
// The element torchoverlay: draws labels and objects on frames.
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS
#define GST_TYPE_TORCH_OVERLAY (gst_torch_overlay_get_type())
G_DECLARE_FINAL_TYPE(GstTorchOverlay, gst_torch_overlay, GST, TORCH_OVERLAY,
                     GstBaseTransform)
G_END_DECLS
