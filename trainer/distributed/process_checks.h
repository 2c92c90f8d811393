// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether processes can be what they are said to be.
#pragma once

#include "torchclassify/train/distributed.h"

namespace torchclassify {

// Throws Error kInvalidArgument for an option outside its range.
void check_process_options(const ProcessOptions& options);

}  // namespace torchclassify
