// SPDX-License-Identifier: LGPL-2.1-or-later
// Texts as the fields of other formats want them.
#pragma once

#include <string>

namespace torchclassify {

// A field as RFC 4180 wants it: quoted where it has to be.
std::string csv_field(const std::string& text);

// Bytes that are not UTF-8 become U+FFFD: paths may hold any.
std::string json_string(const std::string& text);  // with its quotes

}  // namespace torchclassify
