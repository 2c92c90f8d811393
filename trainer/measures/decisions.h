// SPDX-License-Identifier: LGPL-2.1-or-later
// From counted decisions to precision, recall and F1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "measures/class_decisions.h"
#include "torchclassify/train/answers.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {

// Of one class.
struct DecisionCounts {
  std::int64_t hits = 0;       // predicted and there
  std::int64_t support = 0;    // there
  std::int64_t predicted = 0;  // predicted
};

// Fills metrics' per_class (but for the areas under curves), balanced_accuracy,
// micro, macro and weighted; counts: one per class. absent_too: the macro
// average is over all classes, otherwise over those that occur or were
// predicted.
void score_decisions(const std::vector<DecisionCounts>& counts, bool absent_too,
                     Metrics& metrics);

// Fills the areas under each class's curves and their means. metrics.per_class:
// as many as the answers' classes.
void score_rankings(const ClassDecider& decider, Metrics& metrics);

// The most probable class; of equal ones the smallest id.
std::size_t predicted_class(std::span<const float> logits);

// How many classes come before truth; equal ones in the order of their ids.
std::size_t rank_of(std::size_t truth, std::span<const float> logits);

// Of several labels; thresholds: one per class or none, for 0.5.
bool is_predicted(double logit, std::size_t label,
                  const std::vector<float>& thresholds);

// Throw Error kInvalidArgument for answers of the other kind.
void check_single_label(const Answers& answers);
void check_multi_label(const Answers& answers);
// Throws Error kInvalidArgument where labels are missing or too many, of
// whichever kind they are.
void check_labels(const Answers& answers);
// Throws Error kInvalidArgument for another number than classes, but none.
void check_thresholds(const std::vector<float>& thresholds,
                      std::size_t classes);
// Throws Error kInvalidArgument unless it is finite and above 0.
void check_temperature(double temperature);

}  // namespace torchclassify
