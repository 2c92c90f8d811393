// SPDX-License-Identifier: LGPL-2.1-or-later
#include "formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "formats/unique_fd.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR;
  throw Error(absent ? ErrorCode::kNotFound : ErrorCode::kCannotRead,
              std::string("cannot open the file: ") + std::strerror(error) +
                  ": " + path.string());
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  // Not blocking: the other end of a named pipe may never come.
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (fd.get() < 0 || fstat(fd.get(), &status) < 0)
    refuse(path, errno);
  if (!S_ISREG(status.st_mode))
    throw Error(
        ErrorCode::kCannotRead,
        "expected a regular file, found something else: " + path.string());
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ == 0)
    return;  // mmap() refuses to map nothing
  void* const address =
      mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (address == MAP_FAILED)
    refuse(path, errno);
  data_ = static_cast<const std::byte*>(address);
}

MappedFile::~MappedFile() {
  if (data_)
    munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

void MappedFile::release(std::span<const std::byte> part) const {
  const auto begin = reinterpret_cast<std::uintptr_t>(data_);
  const auto from = reinterpret_cast<std::uintptr_t>(part.data());
  if (from < begin || from - begin > size_ ||
      part.size() > size_ - (from - begin))
    return;
  static const std::uintptr_t page =
      static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = (from + page - 1) / page * page;
  const std::uintptr_t last = (from + part.size()) / page * page;
  // A refusal leaves things as they are, which is right too.
  if (first < last)
    madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace torchclassify
