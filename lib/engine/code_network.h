// SPDX-License-Identifier: LGPL-2.1-or-later
// A model that is code, run as a bundle's module is.
#pragma once

#include <memory>

#include "engine/code_model.h"
#include "engine/network.h"

namespace torchclassify {

// The file's description is read (FILE.json beside it, else the one inside),
// then a dry run finds what it does not say: the form of the input, the batch
// size, and without a description also the picture's size and the number of
// classes, which are then named "0", "1" and so on. Throws Error naming the
// file: as parse_model_info() and dry_run() do; kBadData for a description that
// the code is not like.
OpenedModel open_code_network(std::unique_ptr<CodeModel> model,
                              const NetworkOptions& options);

}  // namespace torchclassify
