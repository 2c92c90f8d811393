// SPDX-License-Identifier: LGPL-2.1-or-later
// The zip archives that PyTorch writes: entries as they lie in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace torchclassify {

struct ZipEntry {
  std::span<const std::byte> data;  // inside the archive's bytes
  std::uint32_t crc32 = 0;          // as the archive says; 0: it says nothing
  bool compressed = false;          // then data is of no use here
};

// Whether the data, not compressed, has the checksum that the archive says.
// Opening an archive does not look: that would read every weight once more.
bool checksum_fits(const ZipEntry& entry);

// An archive's directory, whole and consistent: every entry inside the archive
// and outside the others, its two headers in agreement, no name twice, none
// that leads out of a folder. With zip64.
class ZipArchive {
 public:
  using Entries = std::map<std::string, ZipEntry, std::less<>>;

  // The bytes must outlive the archive. Throws Error kBadData, or kUnsupported
  // for encryption and split archives, naming origin (the file).
  ZipArchive(std::span<const std::byte> bytes, const std::string& origin);

  const Entries& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;  // null: there is none

 private:
  Entries entries_;
};

}  // namespace torchclassify
