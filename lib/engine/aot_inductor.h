// SPDX-License-Identifier: LGPL-2.1-or-later
// AOTInductor packages (.pt2): models compiled to machine code.
#pragma once

#include <memory>

#include "engine/code_model.h"
#include "engine/network.h"

namespace torchclassify {

// Loads the package's code into the process. Throws Error naming the file:
// kUnsupported for code for another device or processor, that this machine does
// not load, or that does not take one tensor and give one; and where this
// library was built with a LibTorch that runs no packages.
std::unique_ptr<CodeModel> open_aot_inductor(const NetworkOptions& options);

}  // namespace torchclassify
