// SPDX-License-Identifier: LGPL-2.1-or-later
// The only mapping of torchpublish's errors to GStreamer's.
#pragma once

#include <gst/gst.h>

#include <exception>

namespace torchclassify {

// One element error: of the settings, or of the file that is written.
void post_publish_error(GstElement* element, const std::exception& e);

}  // namespace torchclassify
