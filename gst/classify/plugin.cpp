// SPDX-License-Identifier: LGPL-2.1-or-later
// The GStreamer plugin torchclassify.
#include <gst/gst.h>

#include "gsttorchclassify.h"
#include "metadata.h"

static gboolean plugin_init(GstPlugin* plugin) {
  torchclassify::register_meta();
  return gst_element_register(plugin, "torchclassify", GST_RANK_NONE,
                              GST_TYPE_TORCH_CLASSIFY);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, torchclassify,
                  "Image classification for live video", plugin_init,
                  PACKAGE_VERSION, "LGPL", "torchclassify", "torchclassify")
