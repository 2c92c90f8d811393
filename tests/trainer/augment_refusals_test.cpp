// SPDX-License-Identifier: LGPL-2.1-or-later
// Augmentation options and pictures that are refused, and what keeps signs.
#include <glib.h>

#include <limits>
#include <vector>

#include "augment/augmenter.h"
#include "augment/contact_sheet.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "torchclassify/error.h"

using namespace torchclassify;
using support::expect_error;

namespace {

void test_sign_safe_keeps_signs() {
  const AugmentOptions safe =
      sign_safe({.crop = CropMode::kRandomResized,
                 .crop_scale_min = 0.08,
                 .crop_scale_max = 0.5,
                 .hflip = 0.5,
                 .vflip = 0.5,
                 .degrees = 45,
                 .translate = 0.3,
                 .scale = 0.5,
                 .shear = 30,
                 .policy = AugmentPolicy::kTrivialAugmentWide,
                 .brightness = 0.6,
                 .hue = 0.5});

  g_assert_cmpfloat(safe.hflip + safe.vflip, ==, 0);
  g_assert_cmpfloat(safe.degrees, ==, 10);
  g_assert_cmpfloat(safe.shear, ==, 10);
  g_assert_cmpfloat(safe.translate, ==, 0.1);
  g_assert_cmpfloat(safe.scale, ==, 0.1);
  g_assert_cmpfloat(safe.hue, ==, 0.05);
  g_assert_cmpfloat(safe.crop_scale_min, ==, 0.7);
  g_assert_cmpfloat(safe.crop_scale_max, >=, safe.crop_scale_min);
  g_assert_cmpfloat(safe.brightness, ==, 0.6);
  g_assert_true(safe.policy == AugmentPolicy::kNone);
  check_augment_options(safe);
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct RefusedRow {
  const char* name;
  AugmentOptions options;
  const char* word;
};

const RefusedRow kRefusedRows[] = {
    {"no-scale", {.crop_scale_min = 0}, "crop scale"},
    {"scale-upside-down",
     {.crop_scale_min = 0.5, .crop_scale_max = 0.4},
     "largest crop scale"},
    {"scale-above-one", {.crop_scale_max = 1.5}, "largest crop scale"},
    {"scale-nan", {.crop_scale_min = kNan}, "crop scale"},
    {"no-ratio", {.crop_ratio_min = 0}, "crop ratio"},
    {"ratio-upside-down",
     {.crop_ratio_min = 2, .crop_ratio_max = 1},
     "largest crop ratio"},
    {"negative-padding", {.crop_padding = -1}, "padding"},
    {"negative-shift", {.shift = -1}, "shift"},
    {"vast-shift", {.shift = 2'000'000'000}, "shift"},
    {"hflip-nan", {.hflip = kNan}, "horizontal"},
    {"vflip-above-one", {.vflip = 1.1}, "vertical"},
    {"rotation", {.degrees = 181}, "rotation"},
    {"translation", {.translate = -0.1}, "translation"},
    {"scale-to-nothing", {.scale = 1}, "scale"},
    {"shear-to-a-line", {.shear = 90}, "shear"},
    {"magnitude", {.magnitude = 31}, "magnitude from 0 to 30, got 31"},
    {"no-operations", {.operations = 0}, "operations"},
    {"severity", {.augmix_severity = 11}, "severity"},
    {"brightness", {.brightness = 1.5}, "brightness"},
    {"contrast", {.contrast = -1}, "contrast"},
    {"saturation", {.saturation = kNan}, "saturation"},
    {"hue", {.hue = 0.6}, "hue from 0 to 0.5"},
    {"grayscale", {.grayscale = 2}, "grey"},
    {"blur", {.blur = -1}, "blur"},
    {"erase", {.erase = 1.01}, "erasing"},
};

void test_options_out_of_range_are_refused(gconstpointer data) {
  const auto& row = *static_cast<const RefusedRow*>(data);

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { Augmenter augmenter(row.options, Preprocessing()); }, "expected",
      row.word);
}

void test_input_that_makes_no_sense_is_refused() {
  Preprocessing input;
  input.channels = 2;

  expect_error(
      ErrorCode::kInvalidArgument, [&] { Augmenter augmenter({}, input); },
      "channels");
}

void test_pictures_of_other_formats_are_refused() {
  const std::vector<std::uint8_t> bytes(8 * 8 * 3);
  const ImageView rgb{.width = 8,
                      .height = 8,
                      .format = PixelFormat::kRgb,
                      .planes = {{{bytes.data(), 24, bytes.size()}}}};
  ImageView yuv = rgb;
  yuv.format = PixelFormat::kYuy2;
  Preprocessing grey;
  grey.channels = 1;
  grey.mean = {0};
  grey.std = {1};
  AugmentedPicture output;
  Picture base;
  Augmenter centre({}, grey);
  Augmenter resized({.crop = CropMode::kRandomResized}, grey);

  expect_error(
      ErrorCode::kInvalidArgument, [&] { centre.base(yuv, base); },
      "RGB or grey");
  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { resized.run(yuv, KeyedRandom({1}), output); }, "RGB or grey");
  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { centre.run(rgb, KeyedRandom({1}), output); }, "base()");
}

void test_contact_sheet_refuses_what_does_not_fit() {
  const AugmentedPicture picture{std::vector<std::uint8_t>(12), {}};

  expect_error(ErrorCode::kInvalidArgument,
               [] { contact_sheet_png({}, 2, 2, 3, 1); });
  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { contact_sheet_png({picture}, 3, 2, 3, 1); }, "18", "12");
  expect_error(ErrorCode::kInvalidArgument,
               [&] { contact_sheet_png({picture}, 2, 2, 3, 0); });
  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { contact_sheet_png({picture}, 2, 2, 3, 10000); }, "32768");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/augment-refusals/sign-safe-keeps-signs",
                  test_sign_safe_keeps_signs);
  support::add_rows("/augment-refusals/options-out-of-range-are-refused",
                    kRefusedRows, test_options_out_of_range_are_refused);
  g_test_add_func("/augment-refusals/input-that-makes-no-sense-is-refused",
                  test_input_that_makes_no_sense_is_refused);
  g_test_add_func("/augment-refusals/pictures-of-other-formats-are-refused",
                  test_pictures_of_other_formats_are_refused);
  g_test_add_func("/augment-refusals/contact-sheet-refuses-what-does-not-fit",
                  test_contact_sheet_refuses_what_does_not_fit);
  return g_test_run();
}
