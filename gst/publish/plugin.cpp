// SPDX-License-Identifier: LGPL-2.1-or-later
// The GStreamer plugin torchpublish.
#include <gst/gst.h>

#include "gsttorchpublish.h"

static gboolean plugin_init(GstPlugin* plugin) {
  return gst_element_register(plugin, "torchpublish", GST_RANK_NONE,
                              GST_TYPE_TORCH_PUBLISH);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, torchpublish,
                  "Publishing of classification results", plugin_init,
                  PACKAGE_VERSION, "LGPL", "torchclassify", "torchclassify")
