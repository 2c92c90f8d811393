// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands in for gloo_team.cpp where Gloo's headers are absent.
#include "distributed/process_checks.h"
#include "distributed/process_team.h"
#include "torchclassify/error.h"

namespace torchclassify {

std::unique_ptr<Team> make_team(const ProcessOptions& options) {
  check_process_options(options);
  if (options.size == 1)
    return std::make_unique<SoloTeam>();
  throw Error(ErrorCode::kUnsupported,
              "expected a single process, got " + std::to_string(options.size) +
                  ": this build has no Gloo (install libgloo-dev and build "
                  "again with -Ddistributed=enabled)");
}

}  // namespace torchclassify
