// SPDX-License-Identifier: LGPL-2.1-or-later
// A file's content in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

namespace torchclassify {

// Owns its bytes, or borrows them from whoever lent them.
class FileBytes {
 public:
  explicit FileBytes(std::vector<std::uint8_t> owned)
      : owned_(std::move(owned)), bytes_(owned_) {}
  explicit FileBytes(std::span<const std::uint8_t> borrowed)
      : bytes_(borrowed) {}
  FileBytes(FileBytes&&) = default;
  FileBytes& operator=(FileBytes&&) = default;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::span<const std::uint8_t> span() const { return bytes_; }

 private:
  std::vector<std::uint8_t> owned_;
  std::span<const std::uint8_t> bytes_;
};

// Largest file that is read whole.
inline constexpr std::uintmax_t kMaxFileBytes = 1'000'000'000;

// Throws Error kNotFound, kCannotRead (not a regular file, or unreadable), or
// kBadData (too large), naming the path. what: "a picture", for the message.
std::vector<std::uint8_t> read_file_bytes(const std::filesystem::path& path,
                                          const char* what);

}  // namespace torchclassify
