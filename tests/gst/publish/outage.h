// SPDX-License-Identifier: LGPL-2.1-or-later
// A broker that is away for ten seconds while results are published.
#pragma once

#include <functional>

#include "harness.h"

namespace support {

inline constexpr int kOutageFrames = 10'000;

struct Outage {
  std::function<void()> begin;
  std::function<void()> end;
};

// Pushes kOutageFrames frames with the outage in the middle, and ends the
// stream: all results are acknowledged, the outage is told of once and its end
// once, and no frame waited for the broker. Prints what frames cost.
void assert_all_are_acknowledged(Publisher& publisher, const Outage& outage);

}  // namespace support
