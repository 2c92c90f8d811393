// SPDX-License-Identifier: LGPL-2.1-or-later
// Published data sets: where their files are, and what they must be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace torchclassify {

struct DataSetFile {
  std::string name;    // of the file, at the publisher's and in the folder
  std::string sha256;  // hex digits; empty: nobody publishes one, md5 counts
  std::string md5;
  std::uint64_t max_bytes = 0;  // a longer file is refused
  // Where a zip archive's files go, below the folder; "." as the archive has
  // them; empty: it is read as it is.
  std::string unpack_into;
};

struct PublishedDataSet {
  std::string name;    // as --download has it
  std::string layout;  // that reads the folder
  std::string url;     // of the folder with the files, with a / at the end
  std::string terms;   // who made it and what they ask for
  std::vector<DataSetFile> files;
};

const std::vector<PublishedDataSet>& published_data_sets();

// Throws Error kInvalidArgument, with the names that there are.
const PublishedDataSet& find_data_set(const std::string& name);

}  // namespace torchclassify
