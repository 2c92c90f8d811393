// SPDX-License-Identifier: LGPL-2.1-or-later
// The pads of torchclassify: what they take.
#pragma once

#include <gst/gst.h>

namespace torchclassify {

// "sink" and "src", of the same caps.
void add_pad_templates(GstElementClass* element_class);

// The always pad of that template; the element owns it.
GstPad* add_pad(GstElement* element, const char* name);

}  // namespace torchclassify
