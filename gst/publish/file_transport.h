// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines to a file, a pipe or standard output.
#pragma once

#include <memory>

#include "publish_settings.h"
#include "transport.h"

namespace torchclassify {

// Opens the file. Throws Error kCannotWrite, kNotFound or kInvalidArgument.
std::unique_ptr<Transport> make_file_transport(const TransportOptions& options);

}  // namespace torchclassify
