// SPDX-License-Identifier: LGPL-2.1-or-later
// Published weights as a verified file on this machine.
#pragma once

#include <filesystem>
#include <string>

#include "models/published_weights.h"

namespace torchclassify {

struct FetchOptions {
  std::filesystem::path folder;  // empty: weights_cache_folder()
  // Address of a folder that has the same files, such as
  // https://intranet/models; empty: the publisher's.
  std::string mirror;
  bool show_progress = false;  // on standard output
};

// The path of the file, its hash verified: from the folder where it is there
// already, without any network, otherwise downloaded into it. A file there with
// another hash is replaced. Throws as download() and make_private_folder().
std::filesystem::path fetch_weights(const PublishedWeights& weights,
                                    const FetchOptions& options = {});

}  // namespace torchclassify
