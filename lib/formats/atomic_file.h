// SPDX-License-Identifier: LGPL-2.1-or-later
// A file that appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace torchclassify {

// Writes beside path, syncs and renames. Without commit(), or when anything
// fails, what was at path stays. Throws Error kCannotWrite, naming path.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, std::size_t size);
  void commit();

 private:
  [[noreturn]] void refuse(const char* what) const;

  const std::filesystem::path path_;
  std::string partial_;  // path of what is being written; empty once renamed
  int fd_ = -1;
};

// A rename itself lasts once the folder is on disk. A file system that cannot
// sync folders has renamed all the same, so nothing is thrown.
void sync_folder_of(const std::filesystem::path& path);

// With its parents, if it is not there. Throws Error kCannotWrite.
void make_folder(const std::filesystem::path& path);

// The whole text at once.
void write_text_file(const std::filesystem::path& path,
                     const std::string& text);

}  // namespace torchclassify
