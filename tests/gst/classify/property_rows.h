// SPDX-License-Identifier: LGPL-2.1-or-later
// For each property of torchclassify: what it does, and what misuse of it gets.
#pragma once

#include <span>

namespace support {

struct PropertyRow {
  const char* name;
  void (*effect)(void);
  // Either a misuse that GObject cannot know of,
  void (*misuse)(void);
  // or text that is refused with one complaint before it reaches the element.
  const char* refused;
};

// By what they are about; one source file each.
std::span<const PropertyRow> model_property_rows();
std::span<const PropertyRow> region_property_rows();
std::span<const PropertyRow> result_property_rows();

}  // namespace support
