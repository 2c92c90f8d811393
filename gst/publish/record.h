// SPDX-License-Identifier: LGPL-2.1-or-later
// One frame's results as a line of JSON; docs/results.schema.json describes it.
#pragma once

#include <string>

#include "torchclassify/results.h"

namespace torchclassify {

// Without a line feed. Times that are not known and numbers that are none (NaN,
// infinity) are null; so is an empty source.
std::string json_line(const TorchClassifyFrame& frame,
                      const std::string& source);

}  // namespace torchclassify
