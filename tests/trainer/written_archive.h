// SPDX-License-Identifier: LGPL-2.1-or-later
// Small archives for tests, written by libarchive.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace support {

using Members = std::vector<std::pair<std::string, std::string>>;

// Names and contents, in this order. By the name's end: .tar, .tar.gz or .zip.
void write_archive(const std::filesystem::path& path, const Members& members);

// The same as bytes of a .tar.
std::string tar_bytes(const Members& members);

}  // namespace support
