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

// The activation of logits / temperature, one per class. Softmax sums in
// double, after taking the largest away, so that no finite logit overflows.
std::vector<float> confidences(std::span<const float> logits,
                               Activation activation, double temperature);

// The k largest (all, if there are fewer), descending, equal ones by label id,
// with the same confidences.
std::vector<Prediction> top_k(std::span<const float> logits,
                              Activation activation, double temperature,
                              std::size_t k);

}  // namespace torchclassify
