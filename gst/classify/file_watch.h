// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells when a file has been replaced or written.
#pragma once

#include <string>

namespace torchclassify {

// One thread at a time.
class FileWatch {
 public:
  FileWatch() = default;
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // Watches this file, and no other any more; none for an empty path. It need
  // not exist, but its folder must. Throws Error kCannotRead if the system
  // refuses.
  void watch(const std::string& path);
  // Readable, for poll(), when there may be something to tell; -1: nothing is
  // watched.
  int descriptor() const { return descriptor_; }
  // Whether the file was closed after writing, or another was moved to its
  // place, since the last call. Never waits.
  bool changed();

 private:
  void close();

  int descriptor_ = -1;  // inotify's, of the folder: files are replaced in it
  std::string name_;     // of the file, in its folder
};

}  // namespace torchclassify
