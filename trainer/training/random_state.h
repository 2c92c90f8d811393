// SPDX-License-Identifier: LGPL-2.1-or-later
// LibTorch's random numbers (dropout, stochastic depth), kept and set.
#pragma once

#include "models/state_dict.h"

namespace torchclassify {

NamedTensors random_state();
// Throws Error kBadData for what is no such state.
void set_random_state(const NamedTensors& state);

}  // namespace torchclassify
