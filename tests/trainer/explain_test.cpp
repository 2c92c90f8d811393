// SPDX-License-Identifier: LGPL-2.1-or-later
// Heat maps of pictures whose evidence is known, and what is refused.
#include "torchclassify/train/explain.h"

#include <glib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "formats/bundle.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::TemporaryFolder;
using namespace torchclassify;

// A bundle whose evidence is known: a simple_cnn for pictures of 16x8 pixels.
// The logit of red is the mean of 4 times the red in it, that of blue likewise,
// that of nothing is 0.

constexpr int kWidth = 16;
constexpr int kHeight = 8;
constexpr std::size_t kFeatures = 16;
enum Class { kRed, kBlue, kNothing, kClasses };

TensorView view(const std::vector<float>& values,
                std::vector<std::int64_t> shape) {
  const auto bytes = std::as_bytes(std::span(values));
  return {
      .shape = std::move(shape), .data = bytes.data(), .size = bytes.size()};
}

Preprocessing color_preprocessing() {
  return {.resize_mode = ResizeMode::kSquash,
          .crop_width = kWidth,
          .crop_height = kHeight,
          .mean = {0, 0, 0},
          .std = {1, 1, 1}};
}

fs::path write_color_bundle(const TemporaryFolder& folder, float factor = 4,
                            float brightness = 1) {
  constexpr std::size_t kPlaces = kWidth / 2 * kHeight / 2;
  std::vector<float> kernels(kFeatures * 3 * 9);
  std::vector<float> rows(kClasses * kFeatures * kPlaces);
  const std::size_t channels[] = {0, 2};  // of red and blue
  for (std::size_t i = 0; i < 2; ++i) {
    kernels[(i * 3 + channels[i]) * 9 + 4] = brightness;
    std::fill_n(rows.begin() +
                    static_cast<std::ptrdiff_t>((i * kFeatures + i) * kPlaces),
                kPlaces, factor / kPlaces);
  }
  const std::vector<float> zeros(kFeatures);
  const std::vector<float> biases(kClasses);
  const ModelInfo info{.architecture = "simple_cnn",
                       .classes = {"red", "blue", "nothing"},
                       .preprocessing = color_preprocessing()};
  write_bundle(folder / "colors.safetensors", info,
               {{"conv1.weight", view(kernels, {16, 3, 3, 3})},
                {"conv1.bias", view(zeros, {16})},
                {"fc.weight", view(rows, {kClasses, kFeatures * kPlaces})},
                {"fc.bias", view(biases, {kClasses})}});
  return folder / "colors.safetensors";
}

// Red in the left quarter of its width, blue in the rest.
Picture two_colors() {
  Picture picture{.width = kWidth, .height = kHeight};
  for (int i = 0; i < picture.width * picture.height; ++i) {
    const bool red = i % picture.width < picture.width / 4;
    for (const int value : {red ? 255 : 0, 0, red ? 0 : 255})
      picture.pixels.push_back(static_cast<std::uint8_t>(value));
  }
  return picture;
}

float mean_of_columns(const HeatMap& map, int from, int to) {
  float sum = 0;
  for (int y = 0; y < map.height; ++y) {
    for (int x = from; x < to; ++x)
      sum += map.values.at(static_cast<std::size_t>(y * map.width + x));
  }
  return sum / static_cast<float>((to - from) * map.height);
}

void test_the_map_lies_where_the_evidence_is() {
  const TemporaryFolder folder;
  Explainer explainer(write_color_bundle(folder));

  const Explanation red = explainer.explain(two_colors(), kRed);
  const Explanation blue = explainer.explain(two_colors(), kBlue);

  g_assert_cmpint(red.map.width, ==, kWidth);
  g_assert_cmpint(red.map.height, ==, kHeight);
  g_assert_cmpfloat(mean_of_columns(red.map, 0, 3), ==, 1);
  g_assert_cmpfloat(mean_of_columns(red.map, 5, kWidth), ==, 0);
  g_assert_cmpfloat(mean_of_columns(blue.map, 0, 3), ==, 0);
  g_assert_cmpfloat(mean_of_columns(blue.map, 5, kWidth), ==, 1);
}

void test_the_predicted_class_is_explained_with_its_confidence() {
  const TemporaryFolder folder;
  Explainer explainer(write_color_bundle(folder));

  const Explanation explanation = explainer.explain(two_colors());

  // Three quarters of 4 are for blue, one is for red.
  const double sum = std::exp(3) + std::exp(1) + 1;
  g_assert_cmpint(explanation.label_id, ==, kBlue);
  g_assert_cmpstr(explanation.label.c_str(), ==, "blue");
  g_assert_cmpfloat_with_epsilon(explanation.confidence, std::exp(3) / sum,
                                 1e-6);
}

void test_a_class_that_nothing_speaks_for_has_an_empty_map() {
  const TemporaryFolder folder;
  Explainer explainer(write_color_bundle(folder));

  const Explanation nothing = explainer.explain(two_colors(), kNothing);

  g_assert_cmpint(nothing.label_id, ==, kNothing);
  for (const float value : nothing.map.values) g_assert_cmpfloat(value, ==, 0);
}

// Overlays.

HeatMap even_map(float value) {
  return {.width = kWidth,
          .height = kHeight,
          .values = std::vector<float>(kWidth * kHeight, value)};
}

void test_an_empty_map_leaves_the_model_s_view() {
  const auto shape = color_preprocessing();
  const Picture picture = two_colors();

  const Picture view = model_view(picture, shape);
  const Picture cold = overlay(picture, shape, even_map(0));

  g_assert_cmpint(view.width, ==, kWidth);
  g_assert_cmpint(view.height, ==, kHeight);
  g_assert_cmpint(view.pixels.at(0), ==, 255);
  g_assert_cmpint(view.pixels.at(3 * kWidth - 1), ==, 255);
  g_assert_true(cold.pixels == view.pixels);
}

void test_grey_pictures_become_colored() {
  auto shape = color_preprocessing();
  shape.channels = 1;
  shape.mean = {0.5f};
  shape.std = {0.5f};
  const Picture grey{.width = 4,
                     .height = 4,
                     .channels = 1,
                     .pixels{std::vector<std::uint8_t>(16, 100)}};

  const Picture hot = overlay(grey, shape, even_map(1));

  g_assert_cmpint(hot.channels, ==, 3);
  g_assert_cmpuint(hot.pixels.size(), ==, 3 * kWidth * kHeight);
  // The map's end, light yellow, covers 65 percent of it.
  g_assert_cmpint(hot.pixels[0], >, 190);
  g_assert_cmpint(hot.pixels[2], <, hot.pixels[1]);
}

// The crop of a wide picture is in its middle.
void test_what_the_model_does_not_get_is_darkened() {
  const Preprocessing shape{
      .resize_size = kHeight, .crop_width = kHeight, .crop_height = kHeight};
  const Picture wide{
      .width = 8 * kHeight,
      .height = 2 * kHeight,
      .pixels{std::vector<std::uint8_t>(3 * 16 * kHeight * kHeight, 100)}};
  HeatMap map{.width = kHeight,
              .height = kHeight,
              .values = std::vector<float>(kHeight * kHeight, 0.0f)};
  map.values[0] = 1;

  const Picture whole = whole_overlay(wide, shape, map);

  const auto red_at = [&whole](int x, int y) {
    return int{
        whole.pixels.at(static_cast<std::size_t>(3 * (y * whole.width + x)))};
  };
  g_assert_cmpint(whole.width, ==, wide.width);
  g_assert_cmpint(red_at(3 * kHeight - 1, 0), ==, 35);
  g_assert_cmpint(red_at(3 * kHeight, 0), >, 190);
  g_assert_cmpint(red_at(5 * kHeight - 1, 0), ==, 100);
  g_assert_cmpint(red_at(5 * kHeight, 0), ==, 35);
}

void test_a_png_holds_the_same_pixels() {
  const Picture picture = two_colors();

  const auto png = encode_png(picture);

  const Picture again = decode_picture(png.data(), png.size(), "made");
  g_assert_true(again.pixels == picture.pixels);
}

// Refusals.

void test_other_labels_are_refused() {
  const TemporaryFolder folder;
  Explainer explainer(write_color_bundle(folder));

  for (const int label : {-2, int{kClasses}})
    expect_error(
        ErrorCode::kInvalidArgument,
        [&] { explainer.explain(two_colors(), label); }, "label id", "3");
}

void test_pictures_without_pixels_are_refused() {
  const TemporaryFolder folder;
  Explainer explainer(write_color_bundle(folder));
  Picture cut = two_colors();
  cut.pixels.resize(5);

  for (const Picture& picture : {Picture{}, cut}) {
    expect_error(ErrorCode::kInvalidArgument,
                 [&] { explainer.explain(picture); });
    expect_error(ErrorCode::kInvalidArgument,
                 [&] { overlay(picture, color_preprocessing(), even_map(0)); });
    expect_error(ErrorCode::kInvalidArgument, [&] {
      whole_overlay(picture, color_preprocessing(), even_map(0));
    });
    expect_error(ErrorCode::kInvalidArgument, [&] { encode_png(picture); });
  }
}

struct File {
  const char* name;
  const char* content;
  ErrorCode code;
  const char* word;
};
const File kFiles[] = {
    {"missing", nullptr, ErrorCode::kNotFound, "missing"},
    {"no-description", "\x02\0\0\0\0\0\0\0{}", ErrorCode::kUnsupported,
     "torchclassify convert"},
    {"text", "hello, this is no model", ErrorCode::kBadData, "text"},
};

void test_other_files_are_refused(gconstpointer row) {
  const File& file = *static_cast<const File*>(row);
  const TemporaryFolder folder;
  if (file.content)
    support::write_file(
        folder / file.name,
        std::string(file.content, file.content[0] == '\x02' ? 10 : 23));

  expect_error(
      file.code, [&] { Explainer explainer(folder / file.name); }, file.word);
}

void test_a_model_that_is_code_is_refused() {
  const auto path = support::real_data_or_skip("weights/pytorch_lenet5.pt");
  if (path.empty())
    return;

  expect_error(
      ErrorCode::kUnsupported, [&] { Explainer explainer(path); },
      "expected a bundle", "code", "pytorch_lenet5.pt");
}

void test_a_device_that_is_not_there_is_refused() {
  const TemporaryFolder folder;
  const auto bundle = write_color_bundle(folder);

  expect_error(ErrorCode::kDeviceUnavailable,
               [&] { Explainer explainer(bundle, "cuda"); });
  expect_error(ErrorCode::kInvalidArgument,
               [&] { Explainer explainer(bundle, "abacus"); });
}

void test_answers_that_are_not_finite_are_refused() {
  const TemporaryFolder folder;
  // Both weights and features fit into a float, their products do not.
  Explainer explainer(write_color_bundle(folder, 1e38f, /*brightness=*/1e6f));

  expect_error(
      ErrorCode::kBadData, [&] { explainer.explain(two_colors()); }, "finite",
      "colors.safetensors");
}

struct BadMap {
  const char* name;
  int width, height;
  std::size_t values;
  float value;
};
const BadMap kBadMaps[] = {
    {"turned", kHeight, kWidth, kWidth* kHeight, 0},
    {"short", kWidth, kHeight, 7, 0},
    {"empty", 0, 0, 0, 0},
    {"hot", kWidth, kHeight, kWidth* kHeight, 1.5f},
    {"negative", kWidth, kHeight, kWidth* kHeight, -0.1f},
    {"nan", kWidth, kHeight, kWidth* kHeight,
     std::numeric_limits<float>::quiet_NaN()},
};

void test_other_maps_are_refused(gconstpointer row) {
  const BadMap& bad = *static_cast<const BadMap*>(row);
  const HeatMap map{.width = bad.width,
                    .height = bad.height,
                    .values = std::vector<float>(bad.values, bad.value)};

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { overlay(two_colors(), color_preprocessing(), map); }, "got");
  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { whole_overlay(two_colors(), color_preprocessing(), map); }, "got");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/explain/the-map-lies-where-the-evidence-is",
                  test_the_map_lies_where_the_evidence_is);
  g_test_add_func("/explain/the-predicted-class-has-its-confidence",
                  test_the_predicted_class_is_explained_with_its_confidence);
  g_test_add_func("/explain/a-class-that-nothing-speaks-for-has-an-empty-map",
                  test_a_class_that_nothing_speaks_for_has_an_empty_map);
  g_test_add_func("/explain/an-empty-map-leaves-the-models-view",
                  test_an_empty_map_leaves_the_model_s_view);
  g_test_add_func("/explain/grey-pictures-become-colored",
                  test_grey_pictures_become_colored);
  g_test_add_func("/explain/what-the-model-does-not-get-is-darkened",
                  test_what_the_model_does_not_get_is_darkened);
  g_test_add_func("/explain/a-png-holds-the-same-pixels",
                  test_a_png_holds_the_same_pixels);
  g_test_add_func("/explain/other-labels-are-refused",
                  test_other_labels_are_refused);
  g_test_add_func("/explain/pictures-without-pixels-are-refused",
                  test_pictures_without_pixels_are_refused);
  support::add_rows("/explain/other-files-are-refused", kFiles,
                    test_other_files_are_refused);
  g_test_add_func("/explain/a-model-that-is-code-is-refused",
                  test_a_model_that_is_code_is_refused);
  g_test_add_func("/explain/a-device-that-is-not-there-is-refused",
                  test_a_device_that_is_not_there_is_refused);
  g_test_add_func("/explain/answers-that-are-not-finite-are-refused",
                  test_answers_that_are_not_finite_are_refused);
  support::add_rows("/explain/other-maps-are-refused", kBadMaps,
                    test_other_maps_are_refused);
  return g_test_run();
}
