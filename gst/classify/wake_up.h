// SPDX-License-Identifier: LGPL-2.1-or-later
// Wakes a thread that waits for files, too.
#pragma once

namespace torchclassify {

class WakeUp {
 public:
  // Throws Error kInternal if the system has no descriptor left.
  WakeUp();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  // Any thread.
  void call();
  // Until call(), also one of before, or until the other descriptor (-1: none)
  // can be read. One thread.
  void wait(int other);

 private:
  int descriptor_;  // an eventfd
};

}  // namespace torchclassify
