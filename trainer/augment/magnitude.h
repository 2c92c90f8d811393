// SPDX-License-Identifier: LGPL-2.1-or-later
// How strong each operation is at each magnitude: torchvision's
// _augmentation_space() of its four policies.
#pragma once

#include <span>

#include "augment/operation.h"

namespace torchclassify {

enum class MagnitudeScale {
  kAutoAugment,         // 10 bins
  kRandAugment,         // the same ranges in 31 bins
  kTrivialAugmentWide,  // 31 bins
  kAugMix,              // 10 bins
};

struct Magnitude {
  double value;
  bool signed_value;  // half of the time it is negated
};

int bins_of(MagnitudeScale scale);

// For a picture of width x height pixels; bin: 0 to bins_of(scale) - 1. Values
// were float32 tensors there, and are rounded so here.
Magnitude magnitude_of(MagnitudeScale scale, Operation operation, int bin,
                       int width, int height);

// What the policy draws from, each as likely (AutoAugment: see its tables).
std::span<const Operation> operations_of(MagnitudeScale scale);

}  // namespace torchclassify
