// SPDX-License-Identifier: LGPL-2.1-or-later
// Small archives for tests, written by libarchive, which fails the test if it
// cannot.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace support {

struct Member {
  enum class Kind { kFile, kFolder, kLink };
  std::string path;
  std::string content;  // of a link: where it leads
  Kind kind = Kind::kFile;
};
using Members = std::vector<Member>;

struct ArchiveStyle {
  bool zip = false;  // else tar
  bool compressed = false;
  const char* password = nullptr;  // zip only
};

// The members in this order.
void write_archive(const std::filesystem::path& path, const Members& members,
                   const ArchiveStyle& style);

// The same, by the name's end: .tar, .tar.gz or .zip (compressed).
void write_archive(const std::filesystem::path& path, const Members& members);

// A .tar's bytes.
std::string tar_bytes(const Members& members);

}  // namespace support
