// SPDX-License-Identifier: LGPL-2.1-or-later
// What a model says about a set, as the finished bundle would.
#pragma once

#include <functional>

#include "torchclassify/train/answers.h"
#include "training/batch_source.h"
#include "training/team.h"

namespace torchclassify {

// logits_of: inputs to logits [N, classes]; called without gradients. The
// answers of all processes, at the team's leader; the others get their own.
// Throws Error kBadData for logits that are not finite, naming the picture.
Answers answer_all(
    BatchSource& source, const Dataset& dataset,
    const std::function<torch::Tensor(const torch::Tensor&)>& logits_of,
    Team& team);

}  // namespace torchclassify
