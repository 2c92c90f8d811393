// SPDX-License-Identifier: LGPL-2.1-or-later
#include "data/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "formats/unique_fd.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

std::size_t checked_size(int fd, const std::filesystem::path& path,
                         const std::string& what) {
  struct stat status = {};
  if (::fstat(fd, &status) < 0)
    throw Error(ErrorCode::kCannotRead, std::string("cannot open (") +
                                            std::strerror(errno) +
                                            "): " + path.string());
  if (!S_ISREG(status.st_mode))
    throw Error(ErrorCode::kCannotRead,
                "expected " + what + ", got no regular file: " + path.string());
  const auto size = static_cast<std::uintmax_t>(status.st_size);
  if (size > kMaxFileBytes)
    throw Error(ErrorCode::kBadData, "expected " + what + " of at most " +
                                         std::to_string(kMaxFileBytes) +
                                         " bytes, got " + std::to_string(size) +
                                         ": " + path.string());
  return static_cast<std::size_t>(size);
}

}  // namespace

std::vector<std::uint8_t> read_file_bytes(const std::filesystem::path& path,
                                          const char* what) {
  // Not blocking: the other end of a named pipe may never come.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0 && (errno == ENOENT || errno == ENOTDIR))
    throw Error(ErrorCode::kNotFound, std::string("expected ") + what +
                                          ", found nothing: " + path.string());
  if (fd.get() < 0)
    throw Error(ErrorCode::kCannotRead, std::string("cannot open (") +
                                            std::strerror(errno) +
                                            "): " + path.string());
  std::vector<std::uint8_t> bytes(checked_size(fd.get(), path, what));
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got =
        ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      throw Error(ErrorCode::kCannotRead,
                  "reading ended early: " + path.string());
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace torchclassify
