// SPDX-License-Identifier: LGPL-2.1-or-later
// What somebody who mistyped a name may have meant.
#pragma once

#include <string>
#include <vector>

namespace torchclassify {

// Up to three of the candidates, nearest first, as " (did you mean A, B?)" for
// the end of a message; nothing if none is near.
std::string near_names(const std::string& name,
                       const std::vector<std::string>& candidates);

}  // namespace torchclassify
