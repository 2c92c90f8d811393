// SPDX-License-Identifier: LGPL-2.1-or-later
// How long to wait before the next try to reach a broker.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace torchclassify {

// Doubles from one failure to the next, and is shortened by chance, so that
// many clients of one broker do not come back at once.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;
  static constexpr Duration kFirst{250};
  static constexpr Duration kLongest{30'000};

  // Half to all of this step.
  Duration next() {
    const Duration step = step_;
    step_ = std::min(2 * step_, kLongest);
    std::uniform_int_distribution<Duration::rep> chance(step.count() / 2,
                                                        step.count());
    return Duration(chance(random_));
  }
  void reset() { step_ = kFirst; }

 private:
  Duration step_ = kFirst;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace torchclassify
