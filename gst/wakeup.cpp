// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wakeup.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "torchclassify/error.h"

namespace torchclassify {

Wakeup::Wakeup() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0)
    throw Error(ErrorCode::kInternal,
                std::string("cannot make an event descriptor: ") +
                    std::strerror(errno));
}

Wakeup::~Wakeup() { close(fd_); }

void Wakeup::ring() {
  const std::uint64_t one = 1;
  // Fails only where it has rung too often already.
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

void Wakeup::clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(fd_, &count, sizeof count);
}

}  // namespace torchclassify
