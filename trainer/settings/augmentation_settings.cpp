// SPDX-License-Identifier: LGPL-2.1-or-later
// What train does to its pictures at random.
#include "settings/setting.h"

namespace torchclassify {
namespace {

using R = TrainRequest;

Setting policy_setting() {
  return choice<AugmentPolicy>(
      "--auto-augment,--aa", "A policy of random operations",
      {{"none", AugmentPolicy::kNone},
       {"imagenet", AugmentPolicy::kAutoAugmentImageNet},
       {"cifar10", AugmentPolicy::kAutoAugmentCifar10},
       {"ra", AugmentPolicy::kRandAugment},
       {"ta_wide", AugmentPolicy::kTrivialAugmentWide},
       {"augmix", AugmentPolicy::kAugMix}},
      [](R & r) -> auto& { return r.options.augment.policy; });
}

// torchvision's word for --ra-reps, with its number of them; what counts, and
// is written, is --ra-reps.
Setting repeated_setting() {
  Setting setting;
  setting.names = "--ra-sampler";
  setting.help = "Repeated augmentation; 3 copies where --ra-reps says nothing";
  setting.flag = true;
  setting.set = [](R& request, const std::vector<std::string>& values) {
    int& repeats = request.options.repeats;
    if (value_from<bool>(values.back()) && repeats == 1)
      repeats = 3;
  };
  setting.toml = [](const R&) { return std::nullopt; };
  return setting;
}

std::vector<Setting> geometry() {
  return {
      choice<CropMode>(
          "--crop",
          "Which part of a picture: centre (as evaluation), "
          "random-resized (any part, resized), padded (with a "
          "border around)",
          {{"centre", CropMode::kCentre},
           {"random-resized", CropMode::kRandomResized},
           {"padded", CropMode::kRandomPadded}},
          [](R & r) -> auto& { return r.options.augment.crop; }),
      setting(
          "--crop-scale-min", "Least share of the area of random-resized",
          [](R & r) -> auto& { return r.options.augment.crop_scale_min; }),
      setting(
          "--crop-ratio-min", "Least width / height of random-resized",
          [](R & r) -> auto& { return r.options.augment.crop_ratio_min; }),
      setting(
          "--crop-ratio-max", "Largest width / height of random-resized",
          [](R & r) -> auto& { return r.options.augment.crop_ratio_max; }),
      setting(
          "--crop-padding", "Pixels of the border of padded",
          [](R & r) -> auto& { return r.options.augment.crop_padding; }),
      setting(
          "--random-shift", "Pixels, at most, that centre moves each way",
          [](R & r) -> auto& { return r.options.augment.shift; }),
      choice<Border>(
          "--border", "What lies outside a picture",
          {{"black", Border::kBlack},
           {"edge", Border::kEdge},
           {"reflect", Border::kReflect}},
          [](R & r) -> auto& { return r.options.augment.border; }),
      setting(
          "--hflip", "Probability of mirroring left to right",
          [](R & r) -> auto& { return r.options.augment.hflip; }),
      setting(
          "--vflip", "Probability of turning upside down",
          [](R & r) -> auto& { return r.options.augment.vflip; }),
      setting(
          "--random-rotation", "Degrees, at most, each way",
          [](R & r) -> auto& { return r.options.augment.degrees; }),
      setting(
          "--random-translate", "Share of the sides, at most, each way",
          [](R & r) -> auto& { return r.options.augment.translate; }),
      setting(
          "--random-scale", "Share, at most, to grow or shrink by",
          [](R & r) -> auto& { return r.options.augment.scale; }),
      setting(
          "--random-shear", "Degrees, at most, each way",
          [](R & r) -> auto& { return r.options.augment.shear; }),
  };
}

std::vector<Setting> colours() {
  return {
      setting(
          "--brightness", "Share, at most, to change it by",
          [](R & r) -> auto& { return r.options.augment.brightness; }),
      setting(
          "--contrast", "Share, at most, to change it by",
          [](R & r) -> auto& { return r.options.augment.contrast; }),
      setting(
          "--saturation", "Share, at most, to change it by",
          [](R & r) -> auto& { return r.options.augment.saturation; }),
      setting(
          "--hue", "Share of the colour circle, at most 0.5, each way",
          [](R & r) -> auto& { return r.options.augment.hue; }),
      setting(
          "--grayscale", "Probability of taking the colour away",
          [](R & r) -> auto& { return r.options.augment.grayscale; }),
      setting(
          "--blur", "Probability of a Gaussian blur",
          [](R & r) -> auto& { return r.options.augment.blur; }),
      setting(
          "--random-erase,--reprob", "Probability of erasing a rectangle",
          [](R & r) -> auto& { return r.options.augment.erase; }),
  };
}

std::vector<Setting> policies() {
  return {
      policy_setting(),
      setting(
          "--ra-magnitude", "Of ra, 0 to 30",
          [](R & r) -> auto& { return r.options.augment.magnitude; }),
      setting(
          "--ra-operations", "Operations that ra applies",
          [](R & r) -> auto& { return r.options.augment.operations; }),
      setting(
          "--augmix-severity", "Of augmix, 1 to 10",
          [](R & r) -> auto& { return r.options.augment.augmix_severity; }),
  };
}

std::vector<Setting> batches() {
  return {
      setting(
          "--mixup-alpha,--mixup", "Of mixup; 0: none",
          [](R & r) -> auto& { return r.options.mixup_alpha; }),
      setting(
          "--cutmix-alpha,--cutmix", "Of cutmix; 0: none",
          [](R & r) -> auto& { return r.options.cutmix_alpha; }),
      setting(
          "--ra-reps",
          "Copies of each picture, changed differently, in an epoch that "
          "has fewer pictures (repeated augmentation)",
          [](R & r) -> auto& { return r.options.repeats; }),
      repeated_setting(),
      setting(
          "--sign-safe",
          "Only what keeps a traffic sign the sign it is: no flips or "
          "policies, little geometry",
          [](R & r) -> auto& { return r.sign_safe; }),
      setting(
          "--preview",
          "Write a sheet of changed pictures to this PNG file, and end",
          [](R & r) -> auto& { return r.preview; }),
  };
}

}  // namespace

std::vector<Setting> augmentation_settings() {
  std::vector<Setting> all = geometry();
  for (auto part : {policies(), colours(), batches()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace torchclassify
