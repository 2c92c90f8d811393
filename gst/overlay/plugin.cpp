// SPDX-License-Identifier: LGPL-2.1-or-later
// The GStreamer plugin torchoverlay.
#include <gst/gst.h>

#include "gsttorchoverlay.h"

static gboolean plugin_init(GstPlugin* plugin) {
  return gst_element_register(plugin, "torchoverlay", GST_RANK_NONE,
                              GST_TYPE_TORCH_OVERLAY);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, torchoverlay,
                  "Draws what torchclassify and detectors find", plugin_init,
                  PACKAGE_VERSION, "LGPL", "torchclassify", "torchclassify")
