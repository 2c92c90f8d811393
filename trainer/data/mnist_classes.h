// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of the sets with MNIST's files one is, and what its labels mean.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace torchclassify {

struct MnistKind {
  std::vector<std::string> classes;
  int first_label = 0;      // in the file
  bool open_ended = false;  // more labels than classes are numbers, too
  bool transposed = false;  // pictures lie on their side
};

// prefix: of the files' names, as "emnist-letters-". The other sets have the
// same file names, so the nearest folder that names one decides.
MnistKind mnist_kind(const std::filesystem::path& folder,
                     const std::string& prefix);

}  // namespace torchclassify
