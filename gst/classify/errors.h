// SPDX-License-Identifier: LGPL-2.1-or-later
// What the library's errors mean in torchclassify.
#pragma once

#include <gst/gst.h>

#include <exception>

namespace torchclassify {

// The model, the labels or the device cannot be used: one element error.
void post_error(GstElement* element, const std::exception& e);

// The same where the element goes on as it was: one element warning.
void post_warning(GstElement* element, const std::exception& e);

// A frame that cannot be classified: the stream is wrong, not the settings.
void post_frame_error(GstElement* element, const std::exception& e);

}  // namespace torchclassify
