// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects as text, for tests to compare.
#pragma once

#include <glib.h>

#include <string>
#include <vector>

#include "metas/objects.h"
#include "support/assert_text.h"

namespace support {

inline std::string text_of(const std::vector<torchclassify::ObjectLabel>& all) {
  std::string text;
  for (const auto& one : all) {
    g_autofree char* number = g_strdup_printf("%.4g", one.confidence);
    text.append(" ").append(one.label).append("=").append(number);
  }
  return text;
}

// "LABEL CONFIDENCE x,y WIDTHxHEIGHT", then what else there is.
inline std::string text_of(const torchclassify::Object& object) {
  g_autofree char* place = g_strdup_printf(
      "%s %.4g %g,%g %gx%g", object.label.c_str(), object.confidence, object.x,
      object.y, object.width, object.height);
  std::string text = place;
  if (object.rotation != 0) {
    g_autofree char* rotation =
        g_strdup_printf(" turned %.4g", object.rotation);
    text += rotation;
  }
  if (object.tracking_id != -1)
    text.append(" track ").append(std::to_string(object.tracking_id));
  if (object.region_of_interest)
    text.append(" region ").append(std::to_string(*object.region_of_interest));
  if (object.detection)
    text.append(" detection ").append(std::to_string(*object.detection));
  if (!object.labels.empty())
    text.append(":").append(text_of(object.labels));
  return text;
}

// One line each.
inline void assert_objects(const std::vector<torchclassify::Object>& objects,
                           const char* expected) {
  std::string text;
  for (const auto& object : objects) text.append(text_of(object)).append("\n");
  assert_text(text, expected);
}

}  // namespace support
