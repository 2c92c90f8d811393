// SPDX-License-Identifier: LGPL-2.1-or-later
// Which options make sense, and which keep a traffic sign the sign it is.
#include <algorithm>
#include <string>

#include "augment/augmenter.h"
#include "augment/magnitude.h"
#include "reporting/number_text.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

void require(bool holds, const std::string& expected, double got) {
  if (!holds)
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + expected + ", got " + significant(got, 6));
}

// NaN is outside every range.
void require_range(const char* name, double value, double low, double high) {
  require(value >= low && value <= high,
          std::string(name) + " from " + significant(low, 6) + " to " +
              significant(high, 6),
          value);
}

void check_crop(const AugmentOptions& options) {
  require(options.crop_scale_min > 0 && options.crop_scale_min <= 1,
          "a crop scale above 0 and at most 1", options.crop_scale_min);
  require_range("a largest crop scale", options.crop_scale_max,
                options.crop_scale_min, 1);
  require_range("a crop ratio", options.crop_ratio_min, 0.01, 100);
  require_range("a largest crop ratio", options.crop_ratio_max,
                options.crop_ratio_min, 100);
  require_range("a crop padding", options.crop_padding, 0, 1024);
  require_range("a random shift", options.shift, 0, 1024);
}

// Beyond these limits positions would leave the range of integers.
void check_affine(const AugmentOptions& options) {
  require_range("a random rotation", options.degrees, 0, 180);
  require_range("a random translation", options.translate, 0, 1);
  require_range("a random scale", options.scale, 0, 0.9);
  require_range("a random shear", options.shear, 0, 80);
}

void check_policy(const AugmentOptions& options) {
  require_range("a RandAugment magnitude", options.magnitude, 0,
                bins_of(MagnitudeScale::kRandAugment) - 1);
  require_range("a number of RandAugment operations", options.operations, 1,
                16);
  require_range("an AugMix severity", options.augmix_severity, 1,
                bins_of(MagnitudeScale::kAugMix));
}

void check_colour(const AugmentOptions& options) {
  require_range("a random brightness", options.brightness, 0, 1);
  require_range("a random contrast", options.contrast, 0, 1);
  require_range("a random saturation", options.saturation, 0, 1);
  require_range("a random hue", options.hue, 0, 0.5);
}

}  // namespace

void check_augment_options(const AugmentOptions& options) {
  check_crop(options);
  require_range("a probability of horizontal flips", options.hflip, 0, 1);
  require_range("a probability of vertical flips", options.vflip, 0, 1);
  check_affine(options);
  check_policy(options);
  check_colour(options);
  require_range("a probability of grey pictures", options.grayscale, 0, 1);
  require_range("a probability of blur", options.blur, 0, 1);
  require_range("a probability of erasing", options.erase, 0, 1);
}

AugmentOptions sign_safe(AugmentOptions options) {
  const auto limit = [](double& value, double most) {
    value = std::min(value, most);
  };
  options.hflip = options.vflip = 0;
  options.policy = AugmentPolicy::kNone;
  limit(options.degrees, 10);
  limit(options.shear, 10);
  limit(options.translate, 0.1);
  limit(options.scale, 0.1);
  limit(options.hue, 0.05);
  options.crop_scale_min = std::max(options.crop_scale_min, 0.7);
  options.crop_scale_max =
      std::max(options.crop_scale_max, options.crop_scale_min);
  return options;
}

}  // namespace torchclassify
