// SPDX-License-Identifier: LGPL-2.1-or-later
// Texts that are compared.
#pragma once

#include <glib.h>

#include <string>

namespace support {

// As g_assert_cmpstr(), which would keep the pointer of a string that is gone.
inline void assert_text(const std::string& text, const std::string& expected) {
  g_assert_cmpstr(text.c_str(), ==, expected.c_str());
}

}  // namespace support
