// SPDX-License-Identifier: LGPL-2.1-or-later
#include "augment/policy.h"

#include <array>
#include <cstdint>

#include "augment/auto_augment.h"
#include "augment/magnitude.h"

namespace torchclassify {
namespace {

std::size_t drawn_below(std::size_t count, KeyedRandom& random) {
  return static_cast<std::size_t>(random.below(count));
}

// As magnitude_of(). The sign is drawn whether it is used or not.
double drawn_value(MagnitudeScale scale, Operation operation, int bin,
                   const Picture& picture, KeyedRandom& random) {
  const Magnitude magnitude =
      magnitude_of(scale, operation, bin, picture.width, picture.height);
  const bool negative = random.below(2) == 1;
  return magnitude.signed_value && negative ? -magnitude.value
                                            : magnitude.value;
}

Operation drawn_operation(MagnitudeScale scale, KeyedRandom& random) {
  const auto operations = operations_of(scale);
  return operations[drawn_below(operations.size(), random)];
}

void auto_augment(std::span<const LearnedPolicy> policies, Picture& picture,
                  Picture& scratch, KeyedRandom& random) {
  for (const LearnedStep& step :
       policies[drawn_below(policies.size(), random)]) {
    const bool taken = random.chance(step.probability);
    const double value = drawn_value(MagnitudeScale::kAutoAugment,
                                     step.operation, step.bin, picture, random);
    if (taken)
      apply_operation(step.operation, value, SampleKind::kNearest, picture,
                      scratch);
  }
}

// Shares that sum to 1, each set as likely: Dirichlet's with all alphas 1.
template <std::size_t kCount>
std::array<float, kCount> random_shares(KeyedRandom& random) {
  std::array<double, kCount> parts;
  double sum = 0;
  for (double& part : parts) sum += part = random.gamma(1);
  std::array<float, kCount> shares;
  for (std::size_t i = 0; i < kCount; ++i)
    shares[i] = static_cast<float>(parts[i] / sum);
  return shares;
}

void add_picture(const Picture& picture, float share, std::vector<float>& sum) {
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += share * static_cast<float>(picture.pixels[i]);
}

}  // namespace

void PolicyRunner::run(Picture& picture, KeyedRandom& random) {
  switch (options_.policy) {
    case AugmentPolicy::kNone:
      return;
    case AugmentPolicy::kAutoAugmentImageNet:
      return auto_augment(imagenet_policies(), picture, scratch_, random);
    case AugmentPolicy::kAutoAugmentCifar10:
      return auto_augment(cifar10_policies(), picture, scratch_, random);
    case AugmentPolicy::kRandAugment:
      return rand_augment(picture, random);
    case AugmentPolicy::kTrivialAugmentWide:
      return trivial_augment_wide(picture, random);
    case AugmentPolicy::kAugMix:
      return aug_mix(picture, random);
  }
}

void PolicyRunner::rand_augment(Picture& picture, KeyedRandom& random) {
  constexpr auto kScale = MagnitudeScale::kRandAugment;
  for (int i = 0; i < options_.operations; ++i) {
    const Operation operation = drawn_operation(kScale, random);
    const double value =
        drawn_value(kScale, operation, options_.magnitude, picture, random);
    apply_operation(operation, value, SampleKind::kNearest, picture, scratch_);
  }
}

void PolicyRunner::trivial_augment_wide(Picture& picture, KeyedRandom& random) {
  constexpr auto kScale = MagnitudeScale::kTrivialAugmentWide;
  const Operation operation = drawn_operation(kScale, random);
  const auto bins = static_cast<std::size_t>(bins_of(kScale));
  const auto bin = static_cast<int>(drawn_below(bins, random));
  const double value = drawn_value(kScale, operation, bin, picture, random);
  apply_operation(operation, value, SampleKind::kNearest, picture, scratch_);
}

void PolicyRunner::aug_mix(Picture& picture, KeyedRandom& random) {
  constexpr auto kScale = MagnitudeScale::kAugMix;
  const auto [kept, changed] = random_shares<2>(random);
  const auto shares = random_shares<3>(random);
  mix_.assign(picture.pixels.size(), 0.0f);
  add_picture(picture, kept, mix_);
  for (const float share : shares) {
    chain_ = picture;
    const std::size_t depth = 1 + drawn_below(3, random);
    for (std::size_t i = 0; i < depth; ++i) {
      const Operation operation = drawn_operation(kScale, random);
      const auto severity = static_cast<std::size_t>(options_.augmix_severity);
      const auto bin = static_cast<int>(drawn_below(severity, random));
      const double value = drawn_value(kScale, operation, bin, picture, random);
      apply_operation(operation, value, SampleKind::kBilinear, chain_,
                      scratch_);
    }
    add_picture(chain_, share * changed, mix_);
  }
  for (std::size_t i = 0; i < mix_.size(); ++i)
    picture.pixels[i] = static_cast<std::uint8_t>(mix_[i]);
}

}  // namespace torchclassify
