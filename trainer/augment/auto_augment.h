// SPDX-License-Identifier: LGPL-2.1-or-later
// AutoAugment's learned policies, as torchvision has them.
#pragma once

#include <array>
#include <span>

#include "augment/operation.h"

namespace torchclassify {

struct LearnedStep {
  Operation operation;
  double probability;
  int bin = 0;  // of 10 magnitudes; not used by operations without one
};

using LearnedPolicy = std::array<LearnedStep, 2>;

// 25 each, of which one is drawn for a picture.
std::span<const LearnedPolicy> imagenet_policies();
std::span<const LearnedPolicy> cifar10_policies();

}  // namespace torchclassify
