// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a zip archive says that its entries are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "formats/byte_cursor.h"

namespace torchclassify {

// Lies within the archive and ends where its end record begins.
struct ZipDirectory {
  std::uint64_t count = 0;   // entries
  std::uint64_t size = 0;    // bytes
  std::uint64_t offset = 0;  // bytes
};

// Reads the end record, and its zip64 twin if there is one. Throws Error
// kBadData, or kUnsupported for one archive in several files, naming origin.
ZipDirectory find_zip_directory(std::span<const std::byte> archive,
                                const std::string& origin);

// A part of the archive. Throws Error kBadData if it is not inside.
ByteCursor zip_part(std::span<const std::byte> archive, std::uint64_t offset,
                    std::uint64_t size, const std::string& origin);

}  // namespace torchclassify
