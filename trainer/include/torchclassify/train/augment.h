// SPDX-License-Identifier: LGPL-2.1-or-later
// Random changes to training pictures, with torchvision's meaning and order.
#pragma once

#include <cstdint>

namespace torchclassify {

// Which part of the picture becomes the model's input.
enum class CropMode {
  kCentre,         // what evaluation takes, moved about by shift
  kRandomResized,  // RandomResizedCrop: any part, resized to the input
  kRandomPadded,   // RandomCrop: of the resized picture with a border
};

// What lies outside the picture.
enum class Border { kBlack, kEdge, kReflect };

// Policies that choose among operations, as torchvision.transforms has them
// with their defaults (31 magnitude bins, nearest neighbour; AugMix: 10 bins,
// bilinear, three chains of one to three operations).
enum class AugmentPolicy {
  kNone,
  kAutoAugmentImageNet,
  kAutoAugmentCifar10,
  kRandAugment,
  kTrivialAugmentWide,
  kAugMix,
};

// Everything is off by default. Operations follow each other in the order of
// this struct; probabilities and shares are from 0 to 1. For the same
// parameters each gives Pillow's bytes (the blur and AugMix: to within
// rounding).
struct AugmentOptions {
  CropMode crop = CropMode::kCentre;
  double crop_scale_min = 0.08;  // kRandomResized: share of the area
  double crop_scale_max = 1;
  double crop_ratio_min = 3.0 / 4;  // kRandomResized: width / height
  double crop_ratio_max = 4.0 / 3;
  int crop_padding = 4;           // kRandomPadded: pixels on every side
  int shift = 0;                  // kCentre: pixels, at most, each way
  Border border = Border::kEdge;  // of kRandomPadded, shift and RandomAffine

  double hflip = 0;  // probability: left to right
  double vflip = 0;  // probability: upside down

  // RandomAffine, bilinear.
  double degrees = 0;    // of rotation, at most, each way
  double translate = 0;  // share of width and height, at most, each way
  double scale = 0;      // share, at most 0.9: 0.1 scales by 0.9 to 1.1
  double shear = 0;      // degrees along x, at most 80, each way

  AugmentPolicy policy = AugmentPolicy::kNone;
  int magnitude = 9;        // kRandAugment: of 31
  int operations = 2;       // kRandAugment: how many
  int augmix_severity = 3;  // kAugMix: of 10

  // ColorJitter, in random order: shares, at most: 0.3 multiplies by 0.7
  // to 1.3.
  double brightness = 0;
  double contrast = 0;
  double saturation = 0;
  double hue = 0;        // share of the circle, at most 0.5, each way
  double grayscale = 0;  // probability
  double blur = 0;       // probability of a Gaussian blur, sigma 0.1 to 2

  double erase = 0;  // RandomErasing: probability; erased values become 0
                     // after normalisation
};

// No flips, no policy, and geometry that keeps a traffic sign the sign it is:
// at most 10 degrees of rotation and of shear, 10 % of translation and scale,
// crops of at least 0.7 of the area; hue at most 0.05.
AugmentOptions sign_safe(AugmentOptions options);

}  // namespace torchclassify
