// SPDX-License-Identifier: LGPL-2.1-or-later
// Clips as text: what a classifier says of each frame, and what is reported.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "torchclassify/decision.h"

namespace support {

inline constexpr std::int64_t kMs = 1'000'000;  // ns

// Of three classes. 'a' 'b' 'c': sure of it (0.8). 'A' 'B' 'C': it leads, but
// little (0.4 against 0.3). '-': sure of none (1/3 each). '!': NaN.
std::vector<float> probabilities(char frame);

// 'a' 'b' 'c', or '-' for unknown.
char letter(int label_id);

// The labels that are reported for the frames, one each interval from time 0.
std::string labels(const std::string& frames, std::int64_t interval_ns,
                   const torchclassify::DecisionOptions& options);

}  // namespace support
