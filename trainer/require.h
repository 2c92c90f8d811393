// SPDX-License-Identifier: LGPL-2.1-or-later
// Options inside their ranges, or one sentence that says what was expected.
#pragma once

#include <sstream>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {

// Throws Error kInvalidArgument unless it fits. Write conditions that are false
// for NaN.
inline void require(bool fits, const std::string& expected,
                    const std::string& got) {
  if (!fits)
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + expected + ", got " + got);
}

inline void require(bool fits, const std::string& expected, double got) {
  if (fits)
    return;
  std::ostringstream text;
  text << got;
  require(false, expected, text.str());
}

}  // namespace torchclassify
