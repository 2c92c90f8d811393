// SPDX-License-Identifier: LGPL-2.1-or-later
// Where downloaded weights are kept.
#pragma once

#include <filesystem>

namespace torchclassify {

// torchclassify/weights in $XDG_CACHE_HOME or, where that is not an absolute
// path, in $HOME/.cache. Makes nothing. Throws Error kCannotWrite if HOME is
// not an absolute path either.
std::filesystem::path weights_cache_folder();

// The folder with its parents, for this user alone (mode 0700) as far as they
// are not there yet. Throws Error kCannotWrite.
void make_private_folder(const std::filesystem::path& path);

}  // namespace torchclassify
