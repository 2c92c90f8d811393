// SPDX-License-Identifier: LGPL-2.1-or-later
#include "distributed/process_checks.h"

#include <cmath>
#include <string>

#include "require.h"

namespace torchclassify {
namespace {

void require_seconds(const char* what, double value) {
  require(value > 0 && std::isfinite(value),
          std::string("a positive number of seconds to ") + what,
          std::to_string(value));
}

}  // namespace

void check_process_options(const ProcessOptions& options) {
  require(options.size >= 1, "at least one process",
          std::to_string(options.size));
  require(options.rank >= 0 && options.rank < options.size,
          "a rank from 0 to " + std::to_string(options.size - 1),
          std::to_string(options.rank));
  if (options.size == 1)
    return;
  require(!options.host.empty(), "the first process's host", "none");
  require(options.port >= 1 && options.port <= 65535, "a port from 1 to 65535",
          std::to_string(options.port));
  require_seconds("join", options.join_seconds);
  require_seconds("be silent", options.silence_seconds);
}

}  // namespace torchclassify
