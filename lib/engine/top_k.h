// SPDX-License-Identifier: LGPL-2.1-or-later
// Logits to the classes that are reported.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "torchclassify/classifier.h"
#include "torchclassify/model_info.h"

namespace torchclassify {

bool all_finite(std::span<const float> values);

// The k largest (all, if there are fewer), descending, equal ones by label id;
// confidence is the activation of logits / temperature. Softmax sums in double,
// after taking the largest away, so that no finite logit overflows.
std::vector<Prediction> top_k(std::span<const float> logits,
                              Activation activation, double temperature,
                              std::size_t k);

}  // namespace torchclassify
