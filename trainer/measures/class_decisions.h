// SPDX-License-Identifier: LGPL-2.1-or-later
// One class against all others, in every answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "measures/softmax.h"
#include "torchclassify/train/answers.h"

namespace torchclassify {

// Whether the picture of the answer at position i is of that class.
bool has_class(const Answers& answers, std::size_t i, std::size_t label);

struct ClassDecisions {
  std::vector<std::uint8_t> truth;  // [answers]: 1 where the picture is of it
  std::vector<double> scores;       // [answers]: its probability
};

// Computes each probability when it is asked for: all of them at once would
// take twice the memory of the logits.
class ClassDecider {
 public:
  // As probabilities(). answers must outlive this. Throws Error
  // kInvalidArgument for another temperature than a finite one above 0.
  ClassDecider(const Answers& answers, Activation activation,
               double temperature);

  double probability(std::size_t i, std::size_t label) const;
  ClassDecisions of_class(std::size_t label) const;

 private:
  const Answers& answers_;
  const double temperature_;
  std::vector<Softmax> softmax_;  // [answers]; empty: sigmoid
};

}  // namespace torchclassify
