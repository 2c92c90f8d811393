// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of torchoverlay: their values, and their place in GObject.
#pragma once

#include <gst/gst.h>

#include <string>

#include "findings.h"
#include "layout.h"

namespace torchclassify::overlay {

// The one place of the defaults. Read for each frame.
struct Settings {
  Look look;
  Filter filter;
  std::string font;  // a Pango description
};

enum Property : guint {
  kPropDraw = 1,
  kPropFontDesc,
  kPropPosition,
  kPropMargin,
  kPropColor,
  kPropLineWidth,
  kPropShowConfidence,
  kPropShowUnknown,
  kPropMinConfidence,
  kPropExpire,
  kPropStats,  // read-only: not of Settings
};

void install_properties(GObjectClass* object_class);
// False if the property is not one of Settings. The caller holds the lock.
bool set_setting(Settings& settings, guint id, const GValue* value);
bool get_setting(const Settings& settings, guint id, GValue* value);

}  // namespace torchclassify::overlay
