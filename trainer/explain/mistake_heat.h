// SPDX-License-Identifier: LGPL-2.1-or-later
// Heat maps for a report's mistakes.
#pragma once

#include <filesystem>

#include "measures/mistakes.h"

namespace torchclassify {

// The whole picture under the map of the class. Opens the bundle for the first
// picture, and throws what Explainer throws then.
HeatMapper heat_mapper(const std::filesystem::path& bundle);

}  // namespace torchclassify
