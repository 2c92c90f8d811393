// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recorded_answers.h"

#include "random.h"

namespace recorded {
namespace {

using torchclassify::Answers;
using torchclassify::KeyedRandom;

constexpr float kUnlikely = 30;

std::vector<float> logits_row(KeyedRandom random, std::size_t classes) {
  std::vector<float> row;
  for (std::size_t c = 0; c < classes; ++c)
    row.push_back(static_cast<float>(8 * random.uniform() - 4));
  return row;
}

}  // namespace

Answers single_label_answers(const nlohmann::json& row) {
  const std::size_t pictures = row.at("pictures");
  Answers answers{.classes = row.at("classes")};
  const std::size_t truths = row.value("truth_classes", answers.classes);
  for (std::size_t i = 0; i < pictures; ++i) {
    const std::size_t label = KeyedRandom({1, i}).below(truths);
    auto logits = logits_row(
        KeyedRandom({2, i % row.value("distinct", pictures)}), answers.classes);
    for (std::size_t c = row.value("likely_classes", answers.classes);
         c < answers.classes; ++c)
      logits[c] -= kUnlikely;
    logits[label] += row.at("bump").get<float>();
    answers.add(i, static_cast<int>(label), logits);
  }
  return answers;
}

Answers multi_label_answers(const nlohmann::json& row) {
  const std::size_t pictures = row.at("pictures");
  const std::uint64_t percent = row.at("percent");
  const int absent = row.value("absent", -1);
  Answers answers{.classes = row.at("classes")};
  for (std::size_t i = 0; i < pictures; ++i) {
    KeyedRandom random({3, i});
    std::vector<std::uint8_t> targets;
    for (std::size_t c = 0; c < answers.classes; ++c) {
      const bool there = random.below(100) < percent;
      targets.push_back(there && static_cast<int>(c) != absent);
    }
    answers.add(i, targets, logits_row(KeyedRandom({4, i}), answers.classes));
  }
  return answers;
}

std::vector<float> thresholds(std::size_t classes) {
  std::vector<float> values;
  for (std::size_t c = 0; c < classes; ++c)
    values.push_back(0.25f + static_cast<float>(c) / 16);
  return values;
}

Scores scores(const nlohmann::json& row) {
  const std::uint64_t percent = row.at("percent");
  const std::uint64_t levels = row.at("levels");
  Scores result;
  for (std::size_t i = 0; i < row.at("pictures").get<std::size_t>(); ++i) {
    result.truth.push_back(KeyedRandom({5, i}).below(100) < percent);
    result.values.push_back(
        static_cast<double>(KeyedRandom({6, i}).below(levels)) /
        static_cast<double>(levels));
  }
  return result;
}

}  // namespace recorded
