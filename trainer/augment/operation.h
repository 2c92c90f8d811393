// SPDX-License-Identifier: LGPL-2.1-or-later
// The operations that policies choose from, by torchvision's names.
#pragma once

#include "augment/affine.h"
#include "torchclassify/train/picture.h"

namespace torchclassify {

enum class Operation {
  kIdentity,
  kShearX,
  kShearY,
  kTranslateX,
  kTranslateY,
  kRotate,
  kBrightness,
  kColor,
  kContrast,
  kSharpness,
  kPosterize,
  kSolarize,
  kAutoContrast,
  kEqualize,
  kInvert,
};

// torchvision's _apply_op() on PIL pictures. magnitude: as there; its unit is
// the operation's. scratch: a buffer, of any content.
void apply_operation(Operation operation, double magnitude, SampleKind sampling,
                     Picture& picture, Picture& scratch);

}  // namespace torchclassify
