// SPDX-License-Identifier: LGPL-2.1-or-later
// torchvision's AutoAugment, RandAugment, TrivialAugmentWide and AugMix.
#pragma once

#include <vector>

#include "augment/operation.h"
#include "random.h"
#include "torchclassify/train/augment.h"

namespace torchclassify {

// Keeps buffers for the next picture.
class PolicyRunner {
 public:
  // options: checked.
  explicit PolicyRunner(const AugmentOptions& options) : options_(options) {}

  // As the option policy says. AugMix works on PIL's 8-bit arithmetic, where
  // torchvision's takes that of its tensors: values differ by rounding.
  void run(Picture& picture, KeyedRandom& random);

 private:
  void rand_augment(Picture& picture, KeyedRandom& random);
  void trivial_augment_wide(Picture& picture, KeyedRandom& random);
  void aug_mix(Picture& picture, KeyedRandom& random);

  const AugmentOptions options_;
  Picture scratch_;
  Picture chain_;           // kAugMix
  std::vector<float> mix_;  // kAugMix
};

}  // namespace torchclassify
