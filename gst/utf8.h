// SPDX-License-Identifier: LGPL-2.1-or-later
// Text of other elements, made valid: no buffer's meta vouches for it.
#pragma once

#include <glib.h>

#include <string>

namespace torchclassify {

// Null is "".
inline std::string valid_utf8(const char* text) {
  g_autofree char* valid = g_utf8_make_valid(text ? text : "", -1);
  return valid;
}

}  // namespace torchclassify
