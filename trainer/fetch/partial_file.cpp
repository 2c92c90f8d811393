// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/partial_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "formats/atomic_file.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

fs::path with_suffix(fs::path path, const char* suffix) {
  path += suffix;
  return path;
}

// Whether the lock is ours. Where the file system has no locks, the hash is
// what remains against two writers.
bool lock(int fd, int flags) {
  while (flock(fd, LOCK_EX | flags) < 0) {
    if (errno == EWOULDBLOCK)
      return false;
    if (errno != EINTR)
      break;
  }
  return true;
}

}  // namespace

PartialFile::PartialFile(const fs::path& destination)
    : destination_(destination),
      path_(with_suffix(destination, ".partial")),
      origin_path_(with_suffix(destination, ".partial.origin")) {
  open_and_lock();
  // Whoever had the lock before may have renamed or removed the file.
  while (!still_there()) {
    close(fd_);
    open_and_lock();
  }
  struct stat status = {};
  if (fstat(fd_, &status) < 0 || !S_ISREG(status.st_mode)) {
    close(fd_);
    throw Error(
        ErrorCode::kCannotWrite,
        "expected a regular file, found something else: " + path_.string());
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

PartialFile::~PartialFile() {
  if (size_ == 0 && still_there()) {
    unlink(origin_path_.c_str());
    unlink(path_.c_str());
  }
  close(fd_);
}

void PartialFile::open_and_lock() {
  // Not blocking: a named pipe is found out after it is opened.
  fd_ = open(path_.c_str(),
             O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (fd_ < 0)
    refuse("cannot create the file");
  if (!lock(fd_, LOCK_NB)) {
    waited_ = true;
    lock(fd_, 0);
  }
}

bool PartialFile::still_there() const {
  struct stat ours = {};
  struct stat there = {};
  return fstat(fd_, &ours) == 0 && lstat(path_.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

Origin PartialFile::origin() const {
  Origin origin;
  std::ifstream file(origin_path_);
  if (!std::getline(file, origin.url) || !std::getline(file, origin.validator))
    return {};
  return origin;
}

void PartialFile::remember(const Origin& origin) const {
  if (origin.validator.empty())
    unlink(origin_path_.c_str());
  else
    write_text_file(origin_path_, origin.url + "\n" + origin.validator + "\n");
}

void PartialFile::restart(const Origin& origin) {
  // In this order a crash between leaves an empty file, not a wrong origin.
  if (ftruncate(fd_, 0) < 0)
    refuse("cannot empty the file");
  size_ = 0;
  remember(origin);
}

void PartialFile::append(const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = pwrite(fd_, next, size, static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      refuse("cannot write the file");
    next += written;
    size -= static_cast<std::size_t>(written);
    size_ += static_cast<std::uint64_t>(written);
  }
}

void PartialFile::commit() {
  if (fsync(fd_) < 0)
    refuse("cannot write the file");
  if (rename(path_.c_str(), destination_.c_str()) < 0)
    refuse("cannot put the file in its place");
  unlink(origin_path_.c_str());
  sync_folder_of(destination_);
}

void PartialFile::refuse(const char* what) const {
  throw Error(
      ErrorCode::kCannotWrite,
      std::string(what) + ": " + std::strerror(errno) + ": " + path_.string());
}

}  // namespace torchclassify
