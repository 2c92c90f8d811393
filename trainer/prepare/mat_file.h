// SPDX-License-Identifier: LGPL-2.1-or-later
// MATLAB's MAT-files of version 5, as far as ILSVRC's development kit needs.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace torchclassify {

// A field's value: of other kinds (arrays of several numbers, cells) both are
// empty.
struct MatValue {
  std::string text;             // of a row of characters
  std::vector<double> numbers;  // of a real numeric array, at most 16 of them
};

// One for each element of a struct array, by the field's name.
using MatStructs = std::vector<std::map<std::string, MatValue>>;

// The struct array of that name at the file's top level. Little-endian files
// only, compressed or not; bytes are those of the whole file. Throws Error
// kBadData, or kUnsupported for another version or byte order, naming origin.
MatStructs read_mat_structs(std::span<const std::byte> bytes,
                            const std::string& name, const std::string& origin);

}  // namespace torchclassify
