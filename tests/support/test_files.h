// SPDX-License-Identifier: LGPL-2.1-or-later
// Where tests find their inputs and put their outputs.
#pragma once

#include <filesystem>
#include <string>

namespace support {

// tests/data/NAME of the source tree: committed, always there.
std::filesystem::path test_file(const std::string& name);

// NAME in the optional folder of real data (TORCHCLASSIFY_REAL_DATA, else
// ../shared/data beside the source tree). Where it is absent, marks the running
// test as skipped with the reason and returns an empty path: return then.
std::filesystem::path real_data_or_skip(const std::string& name);

// A folder of its own for one test, removed with its content at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// The whole content; fails the test if it cannot be read.
std::string read_file(const std::filesystem::path& path);

// Writes content, replacing what is there; fails the test if it cannot.
void write_file(const std::filesystem::path& path, const std::string& content);

}  // namespace support
