// SPDX-License-Identifier: LGPL-2.1-or-later
// A file's bytes, mapped for reading.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace torchclassify {

class MappedFile {
 public:
  // Throws Error kNotFound, or kCannotRead for anything but a readable regular
  // file, naming the path.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  const std::byte* data() const { return data_; }  // null for an empty file
  std::size_t size() const { return size_; }       // bytes
  std::span<const std::byte> bytes() const { return {data_, size_}; }

  // Lets go of the memory that a part has taken by being read, whole pages
  // only: the part stays valid, and is read from the file again when needed.
  // Ignores what lies outside this file.
  void release(std::span<const std::byte> part) const;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace torchclassify
