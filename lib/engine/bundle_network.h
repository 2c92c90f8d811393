// SPDX-License-Identifier: LGPL-2.1-or-later
// A bundle's own module with the bundle's weights.
#pragma once

#include "engine/network.h"

namespace torchclassify {

// Throws Error as open_bundle(), create_model() and load_state_dict() do,
// naming the file.
OpenedModel open_bundle_network(const NetworkOptions& options);

}  // namespace torchclassify
