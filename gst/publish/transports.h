// SPDX-License-Identifier: LGPL-2.1-or-later
// The transport of each method.
#pragma once

#include <memory>

#include "publish_settings.h"
#include "transport.h"

namespace torchclassify {

// Throws Error for options that cannot be used.
std::unique_ptr<Transport> make_transport(TransportOptions options);

}  // namespace torchclassify
