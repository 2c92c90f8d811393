// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints what settings of the decision make of a recording: measure_decision
// FILE. For docs/decisions.md.
#include <algorithm>
#include <cstdio>
#include <string>

#include "recording.h"

namespace {
using namespace support;

constexpr std::int64_t kMs = 1'000'000;

std::string in_ms(std::int64_t delay_ns) {
  return delay_ns == kNever ? "never" : std::to_string(delay_ns / kMs);
}

void print(const char* name, const Recording& recording,
           const std::vector<int>& labels) {
  const Outcome outcome = outcome_of(recording, labels);
  const auto in_time =
      std::count_if(outcome.delays_ns.begin(), outcome.delays_ns.end(),
                    [](std::int64_t ns) { return ns <= 300 * kMs; });
  std::printf(
      "%-32s %7d %6.1f %% %5d/%zu %7s %7s\n", name, outcome.changes,
      100.0 * outcome.right / static_cast<double>(recording.frames.size()),
      static_cast<int>(in_time), outcome.delays_ns.size(),
      in_ms(median(outcome.delays_ns)).c_str(),
      in_ms(largest(outcome.delays_ns)).c_str());
}

void print_settings(const Recording& recording) {
  for (const int smoothing_ms : {0, 50, 100, 150, 200, 300, 500})
    for (const int dwell_ms : {0, 80, 120, 160, 200, 300})
      for (const double hysteresis : {0.0, 0.1, 0.2}) {
        char name[64];
        std::snprintf(name, sizeof name,
                      "smoothing=%d dwell=%d hysteresis=%.1f", smoothing_ms,
                      dwell_ms, hysteresis);
        print(name, recording,
              decide(recording, {.smoothing_time_ns = smoothing_ms * kMs,
                                 .hysteresis = hysteresis,
                                 .min_dwell_ns = dwell_ms * kMs}));
      }
}

void print_votes(const Recording& recording) {
  for (const int frames : {3, 5, 7, 9, 11, 13, 15, 25}) {
    const std::string name = "vote of " + std::to_string(frames) + " frames";
    print(name.c_str(), recording, vote(recording, frames));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: measure_decision RECORDING\n");
    return 2;
  }
  const Recording recording = read_recording(argv[1]);
  std::printf("%-32s %7s %8s %8s %7s %7s\n", "", "changes", "right", "<=300 ms",
              "median", "max/ms");
  print_settings(recording);
  print_votes(recording);
  return 0;
}
