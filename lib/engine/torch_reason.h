// SPDX-License-Identifier: LGPL-2.1-or-later
// What LibTorch complains of, without its traces.
#pragma once

#include <exception>
#include <string>

namespace torchclassify {

// One line without a full stop: what happened, taken out of what() of anything
// that LibTorch, its TorchScript interpreter or compiled code throws.
std::string torch_reason(const std::exception& error);

}  // namespace torchclassify
