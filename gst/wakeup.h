// SPDX-License-Identifier: LGPL-2.1-or-later
// A file descriptor that poll() finds readable once somebody has rung.
#pragma once

namespace torchclassify {

class Wakeup {
 public:
  // Throws Error kInternal if the process has no descriptor left.
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  int fd() const { return fd_; }
  // Any thread; never waits.
  void ring();
  // What rang so far no longer counts.
  void clear();

 private:
  const int fd_;
};

}  // namespace torchclassify
