// SPDX-License-Identifier: LGPL-2.1-or-later
// Which files are not even opened as models.
#pragma once

#include <filesystem>

namespace torchclassify {

// Throws Error kUnsupported for what torch.save() and torch.jit.save() write: a
// zip archive or, in old versions, a bare pickle. Anything else is left to
// whoever opens the file, and so is a file that is not there.
void refuse_pickles(const std::filesystem::path& path);

}  // namespace torchclassify
