// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "formats/unique_fd.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// A name that nothing else in this process or another uses.
std::string partial_name(const std::filesystem::path& path) {
  static std::atomic<unsigned> count{0};
  return path.string() + ".partial-" + std::to_string(getpid()) + "-" +
         std::to_string(count++);
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path)
    : path_(path), partial_(partial_name(path)) {
  fd_ = open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0)
    refuse("cannot create the file");
}

AtomicFile::~AtomicFile() {
  close(fd_);
  if (!partial_.empty())
    unlink(partial_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(fd_, next, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      refuse("cannot write the file");
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (fsync(fd_) < 0)
    refuse("cannot write the file");
  if (rename(partial_.c_str(), path_.c_str()) < 0)
    refuse("cannot put the file in its place");
  partial_.clear();
  sync_folder_of(path_);
}

void AtomicFile::refuse(const char* what) const {
  throw Error(
      ErrorCode::kCannotWrite,
      std::string(what) + ": " + std::strerror(errno) + ": " + path_.string());
}

void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : ".";
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0)
    fsync(fd.get());
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path, error))
    throw Error(
        ErrorCode::kCannotWrite,
        "cannot make the folder (" + error.message() + "): " + path.string());
}

void write_text_file(const std::filesystem::path& path,
                     const std::string& text) {
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace torchclassify
