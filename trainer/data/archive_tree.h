// SPDX-License-Identifier: LGPL-2.1-or-later
// An archive's members, read where they lie.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/file_tree.h"
#include "formats/mapped_file.h"

namespace torchclassify {

// Memory that an archive may take, bytes: its index, and those members that
// are compressed. The archive itself is only mapped.
inline constexpr std::uint64_t kMaxArchiveBytes = std::uint64_t{4} << 30;

// The whole archive is walked once, at the start: what is stored as it is stays
// in the file, the rest is decompressed into memory.
class ArchiveTree : public FileTree {
 public:
  // Throws Error kNotFound, kCannotRead, or kBadData: damaged, cut short,
  // encrypted, over limit, or with members that an honest set does not have
  // (absolute paths, "..", links, devices).
  explicit ArchiveTree(const std::filesystem::path& path,
                       std::uint64_t limit = kMaxArchiveBytes);

  std::vector<std::string> folders(const std::string& folder) const override;
  std::vector<std::string> files(const std::string& folder) const override;
  bool has_file(const std::string& path) const override;
  FileBytes read(const std::string& path) const override;
  std::string name(const std::string& path) const override;

 private:
  struct Member {
    std::vector<std::uint8_t> owned;      // if it was compressed
    std::span<const std::uint8_t> bytes;  // of owned, or of file_
  };
  using Members = std::map<std::string, Member>;
  class Walk;

  // The members below a folder: [first, last).
  std::pair<Members::const_iterator, Members::const_iterator> below(
      const std::string& folder) const;

  std::filesystem::path path_;
  MappedFile file_;
  Members members_;
};

// By extension: .tar .tgz .zip, and .tar.gz .tar.bz2 .tar.xz .tar.zst; any
// case.
bool is_archive_file(const std::filesystem::path& path);

// As ArchiveTree; one that is in use already is shared.
std::shared_ptr<const FileTree> open_archive(const std::filesystem::path& path);

}  // namespace torchclassify
