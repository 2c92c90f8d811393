// SPDX-License-Identifier: LGPL-2.1-or-later
// What is drawn, and how often: torchvision's ranges and distributions.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "augment/auto_augment.h"
#include "augment/crop_box.h"
#include "augment/magnitude.h"
#include "augment/policy.h"
#include "random.h"
#include "support/rows.h"

using namespace torchclassify;

namespace {

constexpr int kDraws = 20000;

struct Moments {
  double mean = 0, variance = 0;
};

template <typename Draw>
Moments moments(Draw draw) {
  KeyedRandom random({2, 3});
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = draw(random);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  return {mean, squares / kDraws - mean * mean};
}

void test_normal_numbers_have_mean_0_and_variance_1() {
  const Moments got = moments([](KeyedRandom& r) { return r.normal(); });

  g_assert_cmpfloat_with_epsilon(got.mean, 0, 0.03);
  g_assert_cmpfloat_with_epsilon(got.variance, 1, 0.04);
}

void test_gamma_numbers_have_their_shapes_moments() {
  for (const double shape : {0.2, 0.5, 1.0, 3.0, 10.0}) {
    const Moments got =
        moments([&](KeyedRandom& random) { return random.gamma(shape); });

    g_assert_cmpfloat_with_epsilon(got.mean, shape, 0.05 * shape + 0.02);
    g_assert_cmpfloat_with_epsilon(got.variance, shape, 0.15 * shape + 0.02);
  }
}

void test_beta_numbers_have_their_shapes_moments() {
  for (const double alpha : {0.2, 1.0, 4.0}) {
    const Moments got =
        moments([&](KeyedRandom& random) { return random.beta(alpha, alpha); });

    g_assert_cmpfloat_with_epsilon(got.mean, 0.5, 0.02);
    g_assert_cmpfloat_with_epsilon(got.variance, 1 / (4 * (2 * alpha + 1)),
                                   0.01);
  }
}

void test_beta_of_tiny_shapes_is_a_number() {
  KeyedRandom random({1});
  for (int i = 0; i < 1000; ++i) {
    const double value = random.beta(1e-300, 1e-300);

    g_assert_true(value >= 0 && value <= 1);
  }
}

void test_random_crops_have_the_options_ranges() {
  const AugmentOptions options{.crop_scale_min = 0.2, .crop_scale_max = 0.6};
  KeyedRandom random({5});
  double scales = 0, logs = 0;
  int left_edge = 0, right_edge = 0;
  for (int i = 0; i < kDraws; ++i) {
    const PixelRect box = random_crop_box(400, 300, options, random);

    const double scale = box.width * box.height / (400.0 * 300.0);
    const double ratio = static_cast<double>(box.width) / box.height;
    g_assert_true(box.x >= 0 && box.x + box.width <= 400);
    g_assert_true(box.y >= 0 && box.y + box.height <= 300);
    g_assert_true(scale > 0.195 && scale < 0.605);
    g_assert_true(ratio > 0.74 && ratio < 1.35);
    scales += scale;
    logs += std::log(ratio);
    left_edge += box.x == 0;
    right_edge += box.x + box.width == 400;
  }
  g_assert_cmpfloat_with_epsilon(scales / kDraws, 0.4, 0.005);
  g_assert_cmpfloat_with_epsilon(logs / kDraws, 0, 0.01);
  g_assert_cmpint(left_edge, >, 0);
  g_assert_cmpint(right_edge, >, 0);
}

// No crop of the least area fits: RandomResizedCrop takes the middle.
constexpr struct MiddleRow {
  const char* name;
  int width, height;
  PixelRect box;
} kMiddleRows[] = {
    {"wide", 1000, 10, {493, 0, 13, 10}},  // 10 * 4/3, rounded
    {"tall", 10, 1001, {0, 494, 10, 13}},  // 10 / (3/4), rounded
};

void test_slender_pictures_give_their_middle(gconstpointer data) {
  const auto& row = *static_cast<const MiddleRow*>(data);
  KeyedRandom random({9});

  const PixelRect box = random_crop_box(row.width, row.height, {}, random);

  g_assert_cmpint(box.x, ==, row.box.x);
  g_assert_cmpint(box.y, ==, row.box.y);
  g_assert_cmpint(box.width, ==, row.box.width);
  g_assert_cmpint(box.height, ==, row.box.height);
}

void test_erasures_have_torchvisions_ranges() {
  KeyedRandom random({6});
  double scales = 0;
  int found = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto box = random_erasure(224, 224, random);
    if (!box)
      continue;

    const double scale = box->width * box->height / (224.0 * 224.0);
    const double ratio = static_cast<double>(box->height) / box->width;
    g_assert_true(box->x >= 0 && box->x + box->width <= 224);
    g_assert_true(box->y >= 0 && box->y + box->height <= 224);
    g_assert_true(scale > 0.019 && scale < 0.335);
    g_assert_true(ratio > 0.28 && ratio < 3.5);
    scales += scale;
    ++found;
  }
  g_assert_cmpint(found, >, kDraws * 99 / 100);
  g_assert_cmpfloat_with_epsilon(scales / found, 0.175, 0.005);
}

void test_nothing_is_erased_from_a_pixel() {
  KeyedRandom random({6});

  for (int i = 0; i < 100; ++i)
    g_assert_false(random_erasure(1, 1, random).has_value());
}

void test_policies_draw_from_torchvisions_operations() {
  g_assert_cmpuint(operations_of(MagnitudeScale::kRandAugment).size(), ==, 14);
  g_assert_cmpuint(operations_of(MagnitudeScale::kTrivialAugmentWide).size(),
                   ==, 14);
  g_assert_cmpuint(operations_of(MagnitudeScale::kAugMix).size(), ==, 13);
  g_assert_cmpuint(imagenet_policies().size(), ==, 25);
  g_assert_cmpuint(cifar10_policies().size(), ==, 25);
  // Spot checks of torchvision's tables.
  const LearnedStep& rotate = imagenet_policies()[5][1];
  g_assert_true(rotate.operation == Operation::kRotate);
  g_assert_cmpfloat(rotate.probability, ==, 0.8);
  g_assert_cmpint(rotate.bin, ==, 8);
  const LearnedStep& translate = cifar10_policies()[21][0];
  g_assert_true(translate.operation == Operation::kTranslateY);
  g_assert_cmpfloat(translate.probability, ==, 0.9);
  g_assert_cmpint(translate.bin, ==, 9);
}

Picture ramp() {
  Picture picture{16, 16, 1, {}};
  for (int i = 0; i < 256; ++i)
    picture.pixels.push_back(static_cast<std::uint8_t>(i));
  return picture;
}

// Identity, and what leaves all bytes of a full ramp as they are.
double unchanged_share(const AugmentOptions& options) {
  PolicyRunner runner(options);
  int unchanged = 0;
  constexpr int kRuns = 4000;
  for (std::uint64_t key = 0; key < kRuns; ++key) {
    Picture picture = ramp();
    KeyedRandom random({key});
    runner.run(picture, random);
    unchanged += picture.pixels == ramp().pixels;
  }
  return unchanged / static_cast<double>(kRuns);
}

// On a grey ramp Identity, Color, Sharpness, AutoContrast and Equalize change
// nothing, nor do the others at magnitude 0, but for Solarize, which turns 255
// alone.
void test_rand_augment_draws_each_operation_as_often() {
  const double weak = unchanged_share(
      {.policy = AugmentPolicy::kRandAugment, .magnitude = 0, .operations = 1});
  const double strong = unchanged_share({.policy = AugmentPolicy::kRandAugment,
                                         .magnitude = 30,
                                         .operations = 1});

  g_assert_cmpfloat_with_epsilon(weak, 13.0 / 14, 0.02);
  g_assert_cmpfloat_with_epsilon(strong, 5.0 / 14, 0.03);
}

// Its weakest bin of 31 changes nothing; translations by less than a pixel and
// posterizing to 8 bits (bins 1 and 2) change nothing either.
void test_trivial_augment_draws_each_bin_as_often() {
  const double share =
      unchanged_share({.policy = AugmentPolicy::kTrivialAugmentWide});

  const double nothing = 5.0 / 14 + (7 + 3) * (1.0 / 31) / 14;
  g_assert_cmpfloat_with_epsilon(share, nothing, 0.03);
}

// All of a mix's parts have the byte, so that the mix has it too, but for the
// truncation.
void test_aug_mix_shares_sum_to_one() {
  PolicyRunner runner({.policy = AugmentPolicy::kAugMix, .augmix_severity = 1});
  for (std::uint64_t key = 0; key < 200; ++key) {
    Picture picture{8, 8, 3, std::vector<std::uint8_t>(192, 100)};
    KeyedRandom random({key});

    runner.run(picture, random);

    for (const std::uint8_t byte : picture.pixels) g_assert_true(byte <= 100);
  }
}

void test_aug_mix_grows_with_severity() {
  const auto distance = [](int severity) {
    PolicyRunner runner(
        {.policy = AugmentPolicy::kAugMix, .augmix_severity = severity});
    double sum = 0;
    for (std::uint64_t key = 0; key < 300; ++key) {
      Picture picture = ramp();
      KeyedRandom random({key});
      runner.run(picture, random);
      for (int i = 0; i < 256; ++i) sum += std::abs(picture.pixels[i] - i);
    }
    return sum / (300 * 256);
  };

  g_assert_cmpfloat(distance(10), >, 1.2 * distance(1));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/augment-draws/normal-numbers-have-mean-0-and-variance-1",
                  test_normal_numbers_have_mean_0_and_variance_1);
  g_test_add_func("/augment-draws/gamma-numbers-have-their-shapes-moments",
                  test_gamma_numbers_have_their_shapes_moments);
  g_test_add_func("/augment-draws/beta-numbers-have-their-shapes-moments",
                  test_beta_numbers_have_their_shapes_moments);
  g_test_add_func("/augment-draws/beta-of-tiny-shapes-is-a-number",
                  test_beta_of_tiny_shapes_is_a_number);
  g_test_add_func("/augment-draws/random-crops-have-the-options-ranges",
                  test_random_crops_have_the_options_ranges);
  support::add_rows("/augment-draws/slender-pictures-give-their-middle",
                    kMiddleRows, test_slender_pictures_give_their_middle);
  g_test_add_func("/augment-draws/erasures-have-torchvisions-ranges",
                  test_erasures_have_torchvisions_ranges);
  g_test_add_func("/augment-draws/nothing-is-erased-from-a-pixel",
                  test_nothing_is_erased_from_a_pixel);
  g_test_add_func("/augment-draws/policies-draw-from-torchvisions-operations",
                  test_policies_draw_from_torchvisions_operations);
  g_test_add_func("/augment-draws/rand-augment-draws-each-operation-as-often",
                  test_rand_augment_draws_each_operation_as_often);
  g_test_add_func("/augment-draws/trivial-augment-draws-each-bin-as-often",
                  test_trivial_augment_draws_each_bin_as_often);
  g_test_add_func("/augment-draws/aug-mix-shares-sum-to-one",
                  test_aug_mix_shares_sum_to_one);
  g_test_add_func("/augment-draws/aug-mix-grows-with-severity",
                  test_aug_mix_grows_with_severity);
  return g_test_run();
}
