// SPDX-License-Identifier: LGPL-2.1-or-later
// TorchScript archives, which PyTorch has deprecated: input only.
#pragma once

#include <memory>

#include "engine/code_model.h"
#include "engine/network.h"

namespace torchclassify {

// Loading executes code of the file. Throws Error naming the file: kBadData for
// an archive that LibTorch does not load, kUnsupported for a forward() that
// does not take one tensor and give one.
std::unique_ptr<CodeModel> open_torchscript(const NetworkOptions& options);

}  // namespace torchclassify
