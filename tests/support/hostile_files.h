// SPDX-License-Identifier: LGPL-2.1-or-later
// The hostile corpus: files that no reader of weights may accept.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/test_files.h"

namespace support {

struct HostileFile {
  enum class Kind {
    kRefused,   // by every reader
    kBundle,    // well-formed safetensors, refused as a model file
    kAccepted,  // not hostile: what the others are broken copies of
  };

  Kind kind;
  std::string name;     // below the folder
  std::string refused;  // what the refusal must name; may be empty
};

// Made anew by tests/data/hostile/make_hostile.py, removed at the end.
class HostileFiles {
 public:
  // Fails the test program if the generator does not run.
  HostileFiles();

  const std::vector<HostileFile>& list() const { return list_; }
  std::filesystem::path path(const HostileFile& file) const {
    return folder_ / file.name;
  }
  // How many files there are that only code in a pickle creates.
  int canaries() const;

 private:
  TemporaryFolder folder_;
  std::vector<HostileFile> list_;
};

// Runs make_hostile.py with these arguments; its standard output. Fails the
// test unless it succeeds.
std::string make_hostile(std::vector<std::string> arguments);

}  // namespace support
