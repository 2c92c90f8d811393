// SPDX-License-Identifier: LGPL-2.1-or-later
// Opens the engine library at run time, so that the plugin links no LibTorch.
#pragma once

#include <string>
#include <vector>

#include "model.h"

namespace torchclassify {

// The paths that load_classifier() tries, in order: the environment variable
// TORCHCLASSIFY_LIBRARY alone if it is set; else beside the plugin, in its
// parent folder, in ../lib, and where the library was configured to go.
std::vector<std::string> engine_library_paths();

// open_classifier() of the engine library, which stays loaded for the life of
// the process. Any thread. Throws Error: kNotFound if no model file is named,
// kDeviceUnavailable if no library could be opened (naming the paths tried),
// else what open_classifier() throws.
OpenModel load_model(const ClassifierOptions& options);

}  // namespace torchclassify
