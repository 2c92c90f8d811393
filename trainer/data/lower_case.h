// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of files and folders, compared in any case.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>

namespace torchclassify {

inline std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace torchclassify
