// SPDX-License-Identifier: LGPL-2.1-or-later
// printf() into a string.
#pragma once

#include <cstdio>
#include <string>

namespace torchclassify {

// At most 255 bytes; what is longer is cut.
template <typename... Values>
std::string formatted(const char* form, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, form, values...);
  return text;
}

}  // namespace torchclassify
