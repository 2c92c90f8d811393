// SPDX-License-Identifier: LGPL-2.1-or-later
// What a model said about a set of pictures, for everything that is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "torchclassify/model_info.h"

namespace torchclassify {

struct Answers {
  std::size_t classes = 0;
  std::vector<float> logits;         // [size(), classes], finite
  std::vector<int> truth;            // [size()]: label ids
  std::vector<std::size_t> indices;  // [size()]: which picture of the set
  // Multi-label sets only (truth is empty then): [size(), classes], 0 or 1.
  std::vector<std::uint8_t> targets;

  std::size_t size() const { return indices.size(); }
  std::span<const float> row(std::size_t i) const {
    return {logits.data() + i * classes, classes};
  }
  // Throws Error kInvalidArgument, and adds nothing, for another number of
  // logits than classes, values that are not finite, a label id that is none,
  // targets other than 0 and 1, or labels after targets and the other way
  // round.
  void add(std::size_t index, int label, std::span<const float> scores);
  void add(std::size_t index, std::span<const std::uint8_t> labels,
           std::span<const float> scores);
};

// Probabilities [size(), classes]: the softmax of logits / temperature, or for
// Activation::kSigmoid each one's sigmoid, in double.
std::vector<double> probabilities(const Answers& answers, Activation activation,
                                  double temperature = 1);

// Logits whose softmax gives the confidences that a user of the model sees:
// divided by its temperature, or, where it gives probabilities itself, their
// logarithms. Scores that are neither stay as they are.
std::vector<float> softmax_logits(std::vector<float> scores,
                                  const ModelInfo& model);

}  // namespace torchclassify
