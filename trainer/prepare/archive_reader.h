// SPDX-License-Identifier: LGPL-2.1-or-later
// An archive's files, one after another, for writing them to disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/archive_handle.h"

namespace torchclassify {

// .tar (with gzip, bzip2, xz or zstd) and .zip. One thread. All functions throw
// Error kBadData for an archive that is damaged or cut short, naming it.
class ArchiveReader {
 public:
  // Throws Error kNotFound or kCannotRead too.
  explicit ArchiveReader(const std::filesystem::path& path);
  // The file that outer stands at, itself an archive. outer outlives this one
  // and must not move meanwhile.
  explicit ArchiveReader(ArchiveReader& outer);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // To the next regular file; false at the end. Folders are passed over. Links
  // and devices are refused.
  bool next();

  // Of the file that it stands at. The name as the archive has it: any bytes.
  const std::string& name() const { return name_; }
  std::optional<std::uint64_t> size() const { return size_; }  // bytes
  // Fewer bytes than asked for only at the file's end.
  std::size_t read(void* bytes, std::size_t size);

  const std::string& origin() const { return origin_; }  // for errors

 private:
  struct Nested;

  void check(int code) const;
  [[noreturn]] void refuse(const std::string& got) const;

  std::string origin_;
  std::unique_ptr<Nested> nested_;  // outlives reader_, which reads from it
  ArchiveHandle reader_;
  std::string name_;
  std::optional<std::uint64_t> size_;
};

// The file that the reader stands at, at path, in a folder that is there.
// Written beside and renamed. False, with nothing written: a file of that size
// is there already. Throws Error kCannotWrite.
bool unpack_file(ArchiveReader& member, const std::filesystem::path& path);

// The path below folder for a member's name. Throws Error kBadData for a name
// that leads out of it (absolute, or with ".."), or to nowhere.
std::filesystem::path path_inside(const std::filesystem::path& folder,
                                  const std::string& member,
                                  const std::string& origin);

}  // namespace torchclassify
