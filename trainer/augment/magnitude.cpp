// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/magnitude.h"

#include <cmath>

namespace torchclassify {
namespace {

using enum Operation;

constexpr Operation kDrawn[] = {
    kIdentity,  kShearX,     kShearY,       kTranslateX, kTranslateY,
    kRotate,    kBrightness, kColor,        kContrast,   kSharpness,
    kPosterize, kSolarize,   kAutoContrast, kEqualize,
};

constexpr Operation kDrawnByAugMix[] = {
    kShearX,    kShearY,   kTranslateX,   kTranslateY, kRotate,
    kPosterize, kSolarize, kAutoContrast, kEqualize,   kBrightness,
    kColor,     kContrast, kSharpness,
};

// The largest value of each kind of operation.
struct Ranges {
  double shear;
  double translate_x;  // pixels
  double translate_y;  // pixels
  double degrees;
  double enhance;
  double most_bits;     // Posterize keeps these at magnitude 0,
  double dropped_bits;  // and so many fewer at the last
};

Ranges ranges_of(MagnitudeScale scale, int width, int height) {
  switch (scale) {
    case MagnitudeScale::kTrivialAugmentWide:
      return {0.99, 32, 32, 135, 0.99, 8, 6};
    case MagnitudeScale::kAugMix:
      return {0.3, width / 3.0, height / 3.0, 30, 0.9, 4, 4};
    case MagnitudeScale::kAutoAugment:
    case MagnitudeScale::kRandAugment:
      break;
  }
  return {0.3, 150.0 / 331.0 * width, 150.0 / 331.0 * height, 30, 0.9, 8, 4};
}

// torch.linspace() in float32: the second half counts from the end.
double linspace(double first, double last, int bins, int bin) {
  const auto begin = static_cast<float>(first);
  const auto end = static_cast<float>(last);
  const float step = (end - begin) / static_cast<float>(bins - 1);
  return bin < bins / 2 ? begin + step * static_cast<float>(bin)
                        : end - step * static_cast<float>(bins - 1 - bin);
}

}  // namespace

int bins_of(MagnitudeScale scale) {
  return scale == MagnitudeScale::kAutoAugment ||
                 scale == MagnitudeScale::kAugMix
             ? 10
             : 31;
}

std::span<const Operation> operations_of(MagnitudeScale scale) {
  if (scale == MagnitudeScale::kAugMix)
    return kDrawnByAugMix;
  return kDrawn;
}

Magnitude magnitude_of(MagnitudeScale scale, Operation operation, int bin,
                       int width, int height) {
  const int bins = bins_of(scale);
  const Ranges ranges = ranges_of(scale, width, height);
  const auto up_to = [&](double last) {
    return Magnitude{linspace(0, last, bins, bin), true};
  };
  switch (operation) {
    case kShearX:
    case kShearY:
      return up_to(ranges.shear);
    case kTranslateX:
      return up_to(ranges.translate_x);
    case kTranslateY:
      return up_to(ranges.translate_y);
    case kRotate:
      return up_to(ranges.degrees);
    case kBrightness:
    case kColor:
    case kContrast:
    case kSharpness:
      return up_to(ranges.enhance);
    case kPosterize:
      return {ranges.most_bits -
                  std::nearbyint(bin / ((bins - 1) / ranges.dropped_bits)),
              false};
    case kSolarize:
      return {linspace(255, 0, bins, bin), false};
    case kIdentity:
    case kAutoContrast:
    case kEqualize:
    case kInvert:
      break;
  }
  return {0, false};
}

}  // namespace torchclassify
