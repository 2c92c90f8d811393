// SPDX-License-Identifier: LGPL-2.1-or-later
// Other programs, run to their end.
#pragma once

#include <string>
#include <vector>

namespace support {

struct Ended {
  int status = 0;  // of exit(), or -1 where there was none
  std::string out;
  std::string err;
};

// Searches the first word in PATH. Each of set is NAME=VALUE, or NAME alone to
// remove it from the environment that the program inherits.
Ended run(const std::vector<std::string>& words,
          const std::vector<std::string>& set = {});

// The lines of the leaks tracer that name an object.
std::string alive_objects(const std::string& log);

// False, and the running test is skipped with the reason, where it is absent.
bool program_or_skip(const char* name);

}  // namespace support
