// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers as tensors, which is how they travel.
#pragma once

#include <vector>

#include <torch/types.h>

#include "torchclassify/train/answers.h"

namespace torchclassify {

struct AnswerRows {
  torch::Tensor logits;   // float32 [length, classes]
  torch::Tensor numbers;  // int64 [length, 2]: index and label id
  torch::Tensor targets;  // uint8 [length, classes]; undefined: one label each
  std::size_t size = 0;   // how many of the rows are answers
};

// length: at least answers.size(). several: pictures have several labels.
AnswerRows rows_of(const Answers& answers, std::int64_t length, bool several);

// In the order of their indices.
Answers merged(const std::vector<AnswerRows>& parts, std::size_t classes);

}  // namespace torchclassify
