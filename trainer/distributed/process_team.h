// SPDX-License-Identifier: LGPL-2.1-or-later
// Processes that train together over the network.
#pragma once

#include <memory>

#include "torchclassify/train/distributed.h"
#include "training/team.h"

namespace torchclassify {

// Waits until all have come. Tensors are the CPU's. Throws Error
// kInvalidArgument for options outside their range, kUnreachable when somebody
// has not come in time, kUnsupported where this is built without Gloo.
std::unique_ptr<Team> make_team(const ProcessOptions& options);

}  // namespace torchclassify
