// SPDX-License-Identifier: LGPL-2.1-or-later
// Published data sets as verified files in a folder.
#pragma once

#include <filesystem>
#include <string>

#include "fetch/data_sets.h"

namespace torchclassify {

struct FetchDataSetOptions {
  // Address of a folder that has the same files; empty: the publisher's.
  std::string mirror;
  bool show_progress = false;  // on standard output
};

// Makes the folder and what it must have for the set's layout to read it. Files
// that are there and right are not fetched again; a file there with another
// hash is replaced; what was interrupted goes on. Archives stay beside what
// they unpack to. Throws as download(), and Error kBadData for an archive that
// leads out of the folder.
void fetch_data_set(const PublishedDataSet& set,
                    const std::filesystem::path& folder,
                    const FetchDataSetOptions& options = {});

}  // namespace torchclassify
