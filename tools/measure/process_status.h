// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernel says of this process.
#pragma once

#include <fstream>
#include <string>

// The number behind a key of /proc/self/status, as "Threads:" or "VmRSS:" (kB);
// 0 if it is not there.
inline long process_status(const std::string& key) {
  std::ifstream status("/proc/self/status");
  long value = 0;
  for (std::string word; status >> word;) {
    if (word == key)
      status >> value;
  }
  return value;
}
