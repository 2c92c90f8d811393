// SPDX-License-Identifier: LGPL-2.1-or-later
// What model hubs put beside weights.
#include <glib.h>

#include <string>

#include "formats/model_config.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using namespace torchclassify;
using support::TemporaryFolder;

std::optional<ModelConfig> read(const char* config,
                                const char* processor = nullptr) {
  const TemporaryFolder folder;
  support::write_file(folder / "config.json", config);
  if (processor)
    support::write_file(folder / "preprocessor_config.json", processor);
  return read_model_config(folder / "model.safetensors");
}

void test_nothing_beside() {
  const TemporaryFolder folder;

  g_assert_false(read_model_config(folder / "model.safetensors").has_value());
}

void test_timm() {
  const auto config = read(R"({"architecture": "resnet18", "num_classes": 1000,
    "pretrained_cfg": {"tag": "a1_in1k", "input_size": [3, 224, 256],
      "fixed_input_size": false, "interpolation": "bicubic",
      "crop_pct": 0.95, "crop_mode": "center",
      "mean": [0.5, 0.25, 0.125], "std": [1, 2, 4]}})");

  g_assert_cmpstr(config->architecture.c_str(), ==, "resnet18");
  g_assert_cmpint(config->class_count, ==, 1000);
  g_assert_true(config->classes.empty());
  const Preprocessing& read = *config->preprocessing;
  g_assert_true(read.resize_mode == ResizeMode::kShorterSide);
  g_assert_cmpint(read.resize_size, ==, 235);  // floor(224 / 0.95)
  g_assert_cmpint(read.crop_height, ==, 224);
  g_assert_cmpint(read.crop_width, ==, 256);
  g_assert_true(read.interpolation == Interpolation::kBicubic);
  g_assert_true(read.mean == std::vector<float>({0.5f, 0.25f, 0.125f}));
  g_assert_true(read.std == std::vector<float>({1, 2, 4}));
}

constexpr char kTransformers[] =
    R"({"architectures": ["ViTForImageClassification"],
        "id2label": {"1": "dog", "0": "cat"}})";

void test_transformers_squash() {
  const auto config = read(kTransformers, R"({"resample": 2,
    "size": {"height": 384, "width": 224},
    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})");

  g_assert_true(config->classes == std::vector<std::string>({"cat", "dog"}));
  const Preprocessing& read = *config->preprocessing;
  g_assert_true(read.resize_mode == ResizeMode::kSquash);
  g_assert_cmpint(read.crop_height, ==, 384);
  g_assert_cmpint(read.crop_width, ==, 224);
  g_assert_true(read.interpolation == Interpolation::kBilinear);
}

void test_transformers_crop() {
  const auto config = read(kTransformers, R"({"resample": 3,
    "crop_pct": 0.875, "size": {"shortest_edge": 224}})");

  const Preprocessing& read = *config->preprocessing;
  g_assert_true(read.resize_mode == ResizeMode::kShorterSide);
  g_assert_cmpint(read.resize_size, ==, 256);
  g_assert_true(read.interpolation == Interpolation::kBicubic);
}

void test_transformers_large() {
  const auto config = read(kTransformers, R"({"crop_pct": 0.875,
    "size": {"shortest_edge": 384}})");

  g_assert_true(config->preprocessing->resize_mode == ResizeMode::kSquash);
  g_assert_cmpint(config->preprocessing->crop_width, ==, 384);
}

struct Refused {
  const char* name;
  const char* config;
  const char* word;
};
const Refused kRefused[] = {
    {"not-json", "architecture: resnet18", "JSON"},
    {"a-list", "[]", "an object"},
    {"twice", R"({"num_classes": 1, "num_classes": 2})", "num_classes"},
    {"class-count-in-words", R"({"num_classes": "ten"})", "num_classes"},
    {"labels-that-are-numbers", R"({"label_names": [1, 2]})", "label_names"},
    {"a-gap-in-the-labels", R"({"id2label": {"0": "cat", "2": "dog"}})",
     "id2label"},
    {"no-input-size", R"({"pretrained_cfg": {"interpolation": "bilinear"}})",
     "input_size"},
    {"two-channels",
     R"({"pretrained_cfg": {"input_size": [2, 8, 8],
         "interpolation": "bilinear"}})",
     "input_size"},
    {"absurd-size",
     R"({"pretrained_cfg": {"input_size": [3, 1e30, 8],
         "interpolation": "bilinear"}})",
     "input_size"},
    {"lanczos",
     R"({"pretrained_cfg": {"input_size": [3, 8, 8],
         "interpolation": "lanczos"}})",
     "interpolation"},
    {"border-crop",
     R"({"pretrained_cfg": {"input_size": [3, 8, 8], "crop_mode": "border",
         "interpolation": "bilinear"}})",
     "crop_mode"},
    {"no-crop-at-all",
     R"({"pretrained_cfg": {"input_size": [3, 8, 8], "crop_pct": 0,
         "interpolation": "bilinear"}})",
     "crop_pct"},
};

void test_refused(gconstpointer data) {
  const Refused& refused = *static_cast<const Refused*>(data);

  support::expect_error(
      ErrorCode::kBadData, [&] { read(refused.config); }, refused.word,
      "config.json");
}

void test_garbage_is_not_repeated_at_length() {
  const std::string garbage(1 << 20, 'x');

  try {
    read(("{\"" + garbage + "\" " + garbage).c_str());
  } catch (const Error& error) {
    g_assert_cmpuint(std::string(error.what()).size(), <, 400);
    return;
  }
  g_error("expected an Error, none came");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/model-config/no-file-is-no-config", test_nothing_beside);
  g_test_add_func("/model-config/timm-says-how-to-crop", test_timm);
  g_test_add_func("/model-config/transformers-squashes-to-a-size",
                  test_transformers_squash);
  g_test_add_func("/model-config/transformers-crops-below-384-pixels",
                  test_transformers_crop);
  g_test_add_func("/model-config/transformers-squashes-from-384-pixels-on",
                  test_transformers_large);
  g_test_add_func("/model-config/garbage-is-not-repeated-at-length",
                  test_garbage_is_not_repeated_at_length);
  support::add_rows("/model-config/what-is-wrong-is-named", kRefused,
                    test_refused);
  return g_test_run();
}
