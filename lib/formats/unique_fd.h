// SPDX-License-Identifier: LGPL-2.1-or-later
// A file descriptor that is closed at the end of its scope.
#pragma once

#include <unistd.h>

namespace torchclassify {

class UniqueFd {
 public:
  explicit UniqueFd(int fd) : fd_(fd) {}  // takes it; negative: none
  ~UniqueFd() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace torchclassify
