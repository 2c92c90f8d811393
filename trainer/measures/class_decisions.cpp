// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measures/class_decisions.h"

#include <utility>

#include "measures/decisions.h"

namespace torchclassify {

bool has_class(const Answers& answers, std::size_t i, std::size_t label) {
  return answers.targets.empty()
             ? std::cmp_equal(answers.truth[i], label)
             : answers.targets[i * answers.classes + label] != 0;
}

ClassDecider::ClassDecider(const Answers& answers, Activation activation,
                           double temperature)
    : answers_(answers), temperature_(temperature) {
  check_temperature(temperature);
  if (activation == Activation::kSigmoid)
    return;
  softmax_.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i)
    softmax_.emplace_back(answers.row(i), temperature);
}

double ClassDecider::probability(std::size_t i, std::size_t label) const {
  const float logit = answers_.row(i)[label];
  return softmax_.empty() ? sigmoid(logit / temperature_)
                          : softmax_[i].probability(logit);
}

ClassDecisions ClassDecider::of_class(std::size_t label) const {
  ClassDecisions decisions;
  decisions.truth.reserve(answers_.size());
  decisions.scores.reserve(answers_.size());
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    decisions.truth.push_back(has_class(answers_, i, label));
    decisions.scores.push_back(probability(i, label));
  }
  return decisions;
}

}  // namespace torchclassify
