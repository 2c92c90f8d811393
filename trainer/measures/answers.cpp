// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/answers.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/top_k.h"
#include "measures/class_decisions.h"
#include "measures/decisions.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

void check_count(const char* what, std::size_t count, std::size_t classes) {
  if (classes == 0)
    throw Error(ErrorCode::kInvalidArgument,
                "expected at least one class to measure, got none");
  if (count != classes)
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::to_string(classes) + " " + what + ", got " +
                    std::to_string(count));
}

void check_logits(std::span<const float> logits, std::size_t classes) {
  check_count("logits", logits.size(), classes);
  if (!all_finite(logits))
    throw Error(ErrorCode::kInvalidArgument,
                "expected finite logits, got NaN or Inf");
}

}  // namespace

void Answers::add(std::size_t index, int label, std::span<const float> scores) {
  check_logits(scores, classes);
  check_single_label(*this);
  if (label < 0 || static_cast<std::size_t>(label) >= classes)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a label id below " + std::to_string(classes) +
                    ", got " + std::to_string(label));
  logits.insert(logits.end(), scores.begin(), scores.end());
  truth.push_back(label);
  indices.push_back(index);
}

void Answers::add(std::size_t index, std::span<const std::uint8_t> labels,
                  std::span<const float> scores) {
  check_logits(scores, classes);
  check_count("targets", labels.size(), classes);
  check_multi_label(*this);
  if (!std::all_of(labels.begin(), labels.end(),
                   [](std::uint8_t target) { return target <= 1; }))
    throw Error(ErrorCode::kInvalidArgument,
                "expected targets of 0 and 1, got another value");
  logits.insert(logits.end(), scores.begin(), scores.end());
  targets.insert(targets.end(), labels.begin(), labels.end());
  indices.push_back(index);
}

std::vector<double> probabilities(const Answers& answers, Activation activation,
                                  double temperature) {
  const ClassDecider decider(answers, activation, temperature);
  std::vector<double> values;
  values.reserve(answers.logits.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t label = 0; label < answers.classes; ++label)
      values.push_back(decider.probability(i, label));
  }
  return values;
}

std::vector<float> softmax_logits(std::vector<float> scores,
                                  const ModelInfo& model) {
  constexpr float kLeast = 1e-12f;  // a probability of 0 has no logarithm
  const bool probabilities =
      model.activation == Activation::kNone &&
      std::ranges::all_of(scores, [](float p) { return p >= 0 && p <= 1; });
  for (float& score : scores) {
    score = static_cast<float>(score / model.temperature);
    if (probabilities)
      score = std::log(std::max(score, kLeast));
  }
  return scores;
}

}  // namespace torchclassify
