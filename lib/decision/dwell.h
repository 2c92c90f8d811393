// SPDX-License-Identifier: LGPL-2.1-or-later
// How long the wish for another label has lasted.
#pragma once

#include <cstdint>

namespace torchclassify {

class Dwell {
 public:
  // Containers round times: Matroska to 1 ms.
  static constexpr double kRoundingNs = 1e6;

  // A step wishes for another label than the current one; again: for the same
  // one as the step before did. True if it has lasted. A step is taken to last
  // as long as the one before it, so that 5 frames of 40 ms are 200 ms.
  bool has_lasted(bool again, double duration_ns, std::int64_t min_dwell_ns) {
    lasted_ns_ = again ? lasted_ns_ + duration_ns : 0;
    const bool long_enough = lasted_ns_ + duration_ns + kRoundingNs >=
                             static_cast<double>(min_dwell_ns);
    return min_dwell_ns == 0 || (again && long_enough);
  }

 private:
  double lasted_ns_ = 0;  // from the first step that wished for it
};

}  // namespace torchclassify
