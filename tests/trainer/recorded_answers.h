// SPDX-License-Identifier: LGPL-2.1-or-later
// The answers that tests/data/metrics/record_metrics.py measured, by its
// formulas.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "torchclassify/train/answers.h"

namespace recorded {

// A row of recorded.json's "single" and "multi".
torchclassify::Answers single_label_answers(const nlohmann::json& row);
torchclassify::Answers multi_label_answers(const nlohmann::json& row);
std::vector<float> thresholds(std::size_t classes);

// Of its "curves".
struct Scores {
  std::vector<std::uint8_t> truth;
  std::vector<double> values;
};
Scores scores(const nlohmann::json& row);

// The sum of value i times i + 1.
template <typename Values>
double checksum(const Values& values) {
  double sum = 0;
  double position = 0;
  for (const auto& value : values)
    sum += static_cast<double>(value) * ++position;
  return sum;
}

}  // namespace recorded
