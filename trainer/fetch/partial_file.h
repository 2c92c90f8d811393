// SPDX-License-Identifier: LGPL-2.1-or-later
// A file of which only the first bytes are there yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace torchclassify {

// What the bytes are a part of: two downloads with the same origin are of the
// same file.
struct Origin {
  std::string url;
  std::string validator;  // strong ETag or Last-Modified; empty: unknown

  bool operator==(const Origin&) const = default;
};

// DESTINATION.partial, with its origin beside it in DESTINATION.partial.origin.
// Both stay for the next attempt, also after a signal, unless there is nothing
// in them. Only one process (or PartialFile) has it at a time. One thread. All
// functions throw Error kCannotWrite, naming the path.
class PartialFile {
 public:
  // Opens what an earlier attempt left, or creates it. Waits while another
  // process has it.
  explicit PartialFile(const std::filesystem::path& destination);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  // Whether another process had it: the destination may be complete now.
  bool waited() const { return waited_; }
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }  // bytes
  Origin origin() const;  // empty strings if it is not known

  // Drops all bytes; those that follow are from this origin.
  void restart(const Origin& origin);
  void append(const void* bytes, std::size_t size);
  // Synced and renamed to the destination. Nothing may follow.
  void commit();

 private:
  void open_and_lock();
  bool still_there() const;  // under its path
  void remember(const Origin& origin) const;
  [[noreturn]] void refuse(const char* what) const;

  const std::filesystem::path destination_;
  const std::filesystem::path path_;
  const std::filesystem::path origin_path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  bool waited_ = false;
};

}  // namespace torchclassify
