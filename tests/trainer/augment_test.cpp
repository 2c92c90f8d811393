// SPDX-License-Identifier: LGPL-2.1-or-later
// The whole way of a training picture.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "augment/augmenter.h"
#include "augment/contact_sheet.h"
#include "preprocess/preprocess.h"
#include "support/rows.h"
#include "torchclassify/train/picture.h"

using namespace torchclassify;

namespace {

Picture picture_of(int width, int height, int channels) {
  Picture picture{width, height, channels, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        picture.pixels.push_back(
            static_cast<std::uint8_t>(7 * x + 13 * y + 29 * c + x * y / 8));
  return picture;
}

// Values come out as bytes / 255.
Preprocessing input_of(int width, int height, int channels) {
  Preprocessing input;
  input.resize_size = std::min(width, height) + 8;
  input.crop_width = width;
  input.crop_height = height;
  input.channels = channels;
  input.mean.assign(static_cast<std::size_t>(channels), 0.0f);
  input.std.assign(static_cast<std::size_t>(channels), 1.0f);
  return input;
}

// What evaluation sees, before it is normalised, pixel by pixel.
std::vector<std::uint8_t> evaluated(const Picture& picture,
                                    const Preprocessing& input) {
  std::vector<float> planes(input_size(input));
  preprocess_reference(picture.view(), input, planes.data());
  std::vector<std::uint8_t> bytes(planes.size());
  const std::size_t channels = static_cast<std::size_t>(input.channels);
  const std::size_t plane = planes.size() / channels;
  for (std::size_t i = 0; i < planes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(
        std::lround(planes[i % channels * plane + i / channels] * 255));
  return bytes;
}

struct Run {
  Run(const AugmentOptions& options, const Preprocessing& input)
      : augmenter(options, input) {}

  AugmentedPicture operator()(const Picture& picture, KeyedRandom random) {
    AugmentedPicture output;
    if (augmenter.needs_original()) {
      augmenter.run(picture.view(), random, output);
      return output;
    }
    Picture base;
    augmenter.base(picture.view(), base);
    augmenter.run(base.view(), random, output);
    return output;
  }

  Augmenter augmenter;
};

std::string text_of(const AugmentedPicture& picture) {
  return {picture.pixels.begin(), picture.pixels.end()};
}

constexpr struct EvaluationRow {
  const char* name;
  int width, height, channels;
  ResizeMode mode;
  Interpolation interpolation;
  int crop_width, crop_height, resize_size;
} kEvaluationRows[] = {
    {"shorter-side", 97, 61, 3, ResizeMode::kShorterSide,
     Interpolation::kBilinear, 32, 40, 48},
    {"odd-difference", 61, 97, 3, ResizeMode::kShorterSide,
     Interpolation::kBicubic, 31, 32, 48},
    {"crop-larger-than-picture", 50, 40, 3, ResizeMode::kShorterSide,
     Interpolation::kBilinear, 32, 33, 20},
    {"squash", 50, 20, 3, ResizeMode::kSquash, Interpolation::kBilinear, 24, 24,
     1},
    {"letterbox", 50, 20, 3, ResizeMode::kLetterbox, Interpolation::kBilinear,
     24, 24, 1},
    {"grey", 30, 40, 1, ResizeMode::kShorterSide, Interpolation::kBilinear, 28,
     28, 32},
    {"as-it-is", 28, 28, 1, ResizeMode::kShorterSide, Interpolation::kBilinear,
     28, 28, 28},
};

void test_no_options_give_what_evaluation_sees(gconstpointer data) {
  const auto& row = *static_cast<const EvaluationRow*>(data);
  const Picture picture = picture_of(row.width, row.height, row.channels);
  Preprocessing input = input_of(row.crop_width, row.crop_height, row.channels);
  input.resize_mode = row.mode;
  input.interpolation = row.interpolation;
  input.resize_size = row.resize_size;
  input.pad_value = 114;
  Run run({}, input);

  const AugmentedPicture result = run(picture, KeyedRandom({1}));

  g_assert_true(result.pixels == evaluated(picture, input));
  g_assert_false(result.erased.has_value());
}

void test_grey_input_takes_colour_pictures() {
  const Picture picture = picture_of(60, 50, 3);
  const Preprocessing input = input_of(20, 20, 1);
  Run run({}, input);

  const AugmentedPicture result = run(picture, KeyedRandom({1}));

  g_assert_true(result.pixels == evaluated(picture, input));
}

// A part of one picture that evaluation sees elsewhere in the base.
void test_shift_moves_by_whole_pixels() {
  const Picture picture = picture_of(24, 24, 1);
  Preprocessing input = input_of(16, 16, 1);
  input.resize_size = 24;
  Run run({.shift = 2}, input);
  std::set<std::string> seen;
  std::set<std::string> possible;
  for (int top = 2; top <= 6; ++top) {
    for (int left = 2; left <= 6; ++left) {
      std::string part;
      for (int y = top; y < top + 16; ++y)
        part.append(picture.pixels.begin() + y * 24 + left,
                    picture.pixels.begin() + y * 24 + left + 16);
      possible.insert(part);
    }
  }

  for (std::uint64_t key = 0; key < 400; ++key)
    seen.insert(text_of(run(picture, KeyedRandom({key}))));

  g_assert_true(seen == possible);
}

void test_letterbox_bars_stay_bars() {
  const Picture picture = picture_of(40, 10, 1);
  Preprocessing input = input_of(20, 20, 1);
  input.resize_mode = ResizeMode::kLetterbox;
  input.pad_value = 200;
  Run run({.crop = CropMode::kRandomPadded, .crop_padding = 3}, input);

  for (std::uint64_t key = 0; key < 50; ++key) {
    const AugmentedPicture result = run(picture, KeyedRandom({key}));

    const auto bars = std::count(result.pixels.begin(), result.pixels.end(),
                                 std::uint8_t{200});
    g_assert_cmpint(bars, >=, 15 * 20);
  }
}

// Only rows that are asked for are kept: a line of pixels would otherwise
// become gigabytes.
void test_extreme_shapes_stay_small() {
  const Picture line = picture_of(20000, 1, 3);
  Run run({.crop = CropMode::kRandomPadded}, input_of(224, 224, 3));
  Picture base;

  run.augmenter.base(line.view(), base);

  g_assert_cmpint(base.height, ==, 232);
  g_assert_cmpint(base.width, <=, 17 * 224);
  g_assert_cmpuint(base.pixels.size(), ==,
                   static_cast<std::size_t>(base.width * base.height * 3));
}

AugmentOptions everything() {
  return {.crop = CropMode::kRandomResized,
          .border = Border::kReflect,
          .hflip = 0.5,
          .vflip = 0.5,
          .degrees = 30,
          .translate = 0.2,
          .scale = 0.2,
          .shear = 10,
          .policy = AugmentPolicy::kRandAugment,
          .brightness = 0.4,
          .contrast = 0.4,
          .saturation = 0.4,
          .hue = 0.1,
          .grayscale = 0.2,
          .blur = 0.5,
          .erase = 0.5};
}

constexpr struct PolicyRow {
  const char* name;
  AugmentPolicy policy;
} kPolicyRows[] = {
    {"none", AugmentPolicy::kNone},
    {"imagenet", AugmentPolicy::kAutoAugmentImageNet},
    {"cifar10", AugmentPolicy::kAutoAugmentCifar10},
    {"randaugment", AugmentPolicy::kRandAugment},
    {"trivialaugment", AugmentPolicy::kTrivialAugmentWide},
    {"augmix", AugmentPolicy::kAugMix},
};

void test_the_key_alone_decides(gconstpointer data) {
  AugmentOptions options = everything();
  options.policy = static_cast<const PolicyRow*>(data)->policy;
  for (const int channels : {1, 3}) {
    const Picture picture = picture_of(50, 41, channels);
    const Preprocessing input = input_of(31, 28, channels);
    Run first(options, input);
    Run second(options, input);
    std::set<std::string> seen;
    for (std::uint64_t key = 0; key < 40; ++key)
      seen.insert(text_of(first(picture, KeyedRandom({key}))));

    const auto again = first(picture, KeyedRandom({7}));
    const auto other = second(picture, KeyedRandom({7}));

    g_assert_true(again.pixels == other.pixels);
    g_assert_true(again.erased.has_value() == other.erased.has_value());
    g_assert_cmpuint(seen.size(), >, 35);
    g_assert_cmpuint(again.pixels.size(), ==,
                     static_cast<std::size_t>(31 * 28 * channels));
  }
}

void test_one_pixel_survives_everything(gconstpointer data) {
  AugmentOptions options = everything();
  options.policy = static_cast<const PolicyRow*>(data)->policy;
  for (const CropMode crop :
       {CropMode::kCentre, CropMode::kRandomResized, CropMode::kRandomPadded}) {
    options.crop = crop;
    for (const int size : {1, 2}) {
      Run run(options, input_of(size, 1, 3));
      for (std::uint64_t key = 0; key < 60; ++key) {
        const auto result = run(picture_of(1, 1, 3), KeyedRandom({key}));

        g_assert_cmpuint(result.pixels.size(), ==,
                         static_cast<std::size_t>(3 * size));
      }
    }
  }
}

void test_the_region_is_all_that_is_read() {
  Run run(everything(), input_of(24, 24, 3));
  const Picture picture = picture_of(90, 70, 3);
  for (std::uint64_t key = 0; key < 20; ++key) {
    const PixelRect box = run.augmenter.region(90, 70, KeyedRandom({key}));
    Picture outside_lost = picture;
    for (int y = 0; y < 70; ++y)
      for (int x = 0; x < 90; ++x)
        if (x < box.x || x >= box.x + box.width || y < box.y ||
            y >= box.y + box.height)
          std::fill_n(outside_lost.pixels.begin() + (y * 90 + x) * 3, 3,
                      std::uint8_t{0});

    const auto whole = run(picture, KeyedRandom({key}));
    const auto part = run(outside_lost, KeyedRandom({key}));

    g_assert_true(whole.pixels == part.pixels);
  }
}

void test_contact_sheet_is_a_png_file() {
  const AugmentedPicture plain{std::vector<std::uint8_t>(6 * 4 * 3, 10), {}};
  AugmentedPicture erased = plain;
  erased.erased = PixelRect{1, 1, 2, 2};

  const auto png = contact_sheet_png({plain, erased, plain}, 6, 4, 3, 2);
  const Picture sheet = decode_picture(png.data(), png.size(), "sheet");

  g_assert_cmpint(sheet.width, ==, 2 * (6 + 4) + 4);
  g_assert_cmpint(sheet.height, ==, 2 * (4 + 4) + 4);
  const auto pixel = [&](int x, int y) {
    return sheet.pixels[static_cast<std::size_t>((y * sheet.width + x) * 3)];
  };
  g_assert_cmpint(pixel(0, 0), ==, 255);
  g_assert_cmpint(pixel(4, 4), ==, 10);
  g_assert_cmpint(pixel(14, 4), ==, 10);
  g_assert_cmpint(pixel(15, 5), ==, 128);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/augment/no-options-give-what-evaluation-sees",
                    kEvaluationRows, test_no_options_give_what_evaluation_sees);
  g_test_add_func("/augment/grey-input-takes-colour-pictures",
                  test_grey_input_takes_colour_pictures);
  g_test_add_func("/augment/shift-moves-by-whole-pixels",
                  test_shift_moves_by_whole_pixels);
  g_test_add_func("/augment/letterbox-bars-stay-bars",
                  test_letterbox_bars_stay_bars);
  g_test_add_func("/augment/extreme-shapes-stay-small",
                  test_extreme_shapes_stay_small);
  support::add_rows("/augment/the-key-alone-decides", kPolicyRows,
                    test_the_key_alone_decides);
  support::add_rows("/augment/one-pixel-survives-everything", kPolicyRows,
                    test_one_pixel_survives_everything);
  g_test_add_func("/augment/the-region-is-all-that-is-read",
                  test_the_region_is_all_that_is_read);
  g_test_add_func("/augment/contact-sheet-is-a-png-file",
                  test_contact_sheet_is_a_png_file);
  return g_test_run();
}
