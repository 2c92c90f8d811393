// SPDX-License-Identifier: LGPL-2.1-or-later
// The class names that published weights were trained with.
#pragma once

#include <string>
#include <vector>

#include "models/published_weights.h"

namespace torchclassify {

// In the order of the logits: ImageNet-1K's as torchvision names them, or
// CIFAR-10's.
std::vector<std::string> class_names_of(const PublishedWeights& weights);

}  // namespace torchclassify
