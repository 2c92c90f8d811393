// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of torchclassify as GObject sees them: names, ranges, blurbs.
#pragma once

#include <gst/gst.h>

#include "settings.h"

namespace torchclassify {

const char* precision_name(Precision precision);
void install_properties(GObjectClass* object_class);

}  // namespace torchclassify
