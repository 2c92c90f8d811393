// SPDX-License-Identifier: LGPL-2.1-or-later
// The model file's description: what survives, and what is refused by name.
#include <glib.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "formats/bundle.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using support::expect_error;
using torchclassify::Activation;
using torchclassify::ErrorCode;
using torchclassify::Interpolation;
using torchclassify::ModelInfo;
using torchclassify::open_bundle;
using torchclassify::ResizeMode;
using torchclassify::write_bundle;
using torchclassify::write_safetensors;

namespace {

using Json = nlohmann::json;

ModelInfo full_info() {
  return {
      .architecture = "simple_cnn",
      .architecture_options = {{"input_size", 28}, {"smallest", INT64_MIN}},
      .classes = {"cat", "h\xC3\xA4schen", "cat"},
      .preprocessing = {.resize_mode = ResizeMode::kLetterbox,
                        .resize_size = 31,
                        .interpolation = Interpolation::kBicubic,
                        .crop_width = 28,
                        .crop_height = 29,
                        .channels = 1,
                        .pad_value = 114,
                        .mean = {0.1307f},
                        .std = {0.3081f}},
      .activation = Activation::kSigmoid,
      .temperature = 1.7,
      .thresholds = {0.0f, 0.1f, 1.0f},
      .self_check = {.width = 28, .height = 29, .logits = {-1.1f, 0, 1e30f}},
      .provenance = {{"seed", "7"}, {"dataset", "a \"b\"\n"}},
      .metrics = {{"accuracy", 0.1}},
  };
}

void test_round_trip(void) {
  const support::TemporaryFolder folder;
  const ModelInfo info = full_info();

  write_bundle(folder / "f", info, {});

  const ModelInfo read = open_bundle(folder / "f").info;
  g_assert_true(read.architecture == info.architecture);
  g_assert_true(read.architecture_options == info.architecture_options);
  g_assert_true(read.classes == info.classes);
  g_assert_true(read.preprocessing.resize_mode == ResizeMode::kLetterbox);
  g_assert_cmpint(read.preprocessing.resize_size, ==, 31);
  g_assert_true(read.preprocessing.interpolation == Interpolation::kBicubic);
  g_assert_cmpint(read.preprocessing.crop_width, ==, 28);
  g_assert_cmpint(read.preprocessing.crop_height, ==, 29);
  g_assert_cmpint(read.preprocessing.channels, ==, 1);
  g_assert_cmpint(read.preprocessing.pad_value, ==, 114);
  g_assert_true(read.preprocessing.mean == info.preprocessing.mean);
  g_assert_true(read.preprocessing.std == info.preprocessing.std);
  g_assert_true(read.activation == Activation::kSigmoid);
  g_assert_true(read.temperature == info.temperature);
  g_assert_true(read.thresholds == info.thresholds);
  g_assert_cmpint(read.self_check.width, ==, 28);
  g_assert_cmpint(read.self_check.height, ==, 29);
  g_assert_true(read.self_check.logits == info.self_check.logits);
  g_assert_true(read.provenance == info.provenance);
  g_assert_true(read.metrics == info.metrics);
}

void test_defaults(void) {
  const support::TemporaryFolder folder;
  write_safetensors(folder / "f", {}, {{"torchclassify", R"({
    "version": 1, "architecture": {"name": "resnet18"}, "classes": ["a"],
    "preprocessing": {"resize_mode": "shorter-side",
      "interpolation": "bilinear", "crop_width": 224, "crop_height": 224,
      "channels": 3, "mean": [0, 0, 0], "std": [1, 1, 1]},
    "activation": "softmax", "of_a_later_version": {}})"}});

  const ModelInfo info = open_bundle(folder / "f").info;

  g_assert_true(info.architecture_options.empty());
  g_assert_cmpint(info.preprocessing.resize_size, ==, 256);
  g_assert_true(info.temperature == 1.0);
  g_assert_true(info.thresholds.empty());
  g_assert_cmpint(info.self_check.width, ==, 0);
}

// A valid description with the value at one place replaced; an empty value
// removes it.
struct WrongField {
  const char* pointer;
  const char* value;
  const char* word;
};

const WrongField kWrongFields[] = {
    {"/version", "", "\"version\""},
    {"/version", "\"1\"", "\"version\""},
    {"/version", "0", "\"version\""},
    {"/version", "1.5", "\"version\""},
    {"/architecture", "", "\"architecture\""},
    {"/architecture", "\"resnet18\"", "\"architecture"},
    {"/architecture/name", "", "\"architecture.name\""},
    {"/architecture/name", "18", "\"architecture.name\""},
    {"/architecture/name", "\"\"", "architecture"},
    {"/architecture/options", "[]", "\"architecture.options\""},
    {"/architecture/options/input_size", "2.5", "\"architecture.options\""},
    {"/architecture/options/input_size", "9223372036854775808",
     "\"architecture.options\""},
    {"/classes", "", "\"classes\""},
    {"/classes", "[]", "\"classes\""},
    {"/classes", "\"cat\"", "\"classes\""},
    {"/classes/1", "7", "\"classes\""},
    {"/preprocessing", "", "\"preprocessing\""},
    {"/preprocessing/resize_mode", "", "\"preprocessing.resize_mode\""},
    {"/preprocessing/resize_mode", "\"stretch\"",
     "\"preprocessing.resize_mode\""},
    {"/preprocessing/resize_size", "\"256\"", "\"preprocessing.resize_size\""},
    {"/preprocessing/interpolation", "\"nearest\"",
     "\"preprocessing.interpolation\""},
    {"/preprocessing/crop_width", "", "\"preprocessing.crop_width\""},
    {"/preprocessing/crop_width", "0", "crop_width"},
    {"/preprocessing/crop_height", "4294967296", "preprocessing.crop_height"},
    {"/preprocessing/crop_height", "-1", "crop_height"},
    {"/preprocessing/channels", "2", "channels"},
    {"/preprocessing/pad_value", "256", "pad_value"},
    {"/preprocessing/mean", "[]", "mean"},
    {"/preprocessing/mean", "[null]", "\"preprocessing.mean\""},
    {"/preprocessing/std", "[0]", "std"},
    {"/preprocessing/std", "[1, 1]", "std"},
    {"/preprocessing/std", "[1e300]", "std"},
    {"/activation", "", "\"activation\""},
    {"/activation", "\"relu\"", "\"activation\""},
    {"/temperature", "0", "\"temperature\""},
    {"/temperature", "-1", "\"temperature\""},
    {"/temperature", "\"1\"", "\"temperature\""},
    {"/thresholds", "[0.5]", "\"thresholds\""},
    {"/thresholds", "0.5", "\"thresholds\""},
    {"/thresholds/0", "1.5", "\"thresholds\""},
    {"/self_check", "7", "\"self_check"},
    {"/self_check/width", "", "\"self_check.width\""},
    {"/self_check/width", "-1", "\"self_check\""},
    {"/self_check/height", "0", "\"self_check\""},
    {"/self_check/height", "100000", "\"self_check\""},
    {"/self_check/logits", "[1]", "\"self_check.logits\""},
    {"/self_check/logits/0", "1e300", "\"self_check.logits\""},
    {"/provenance", "[]", "\"provenance\""},
    {"/provenance/seed", "7", "\"provenance\""},
    {"/metrics/accuracy", "\"good\"", "\"metrics\""},
};

std::string with_replaced(const WrongField& row) {
  Json json = Json::parse(torchclassify::to_json(full_info()));
  const Json::json_pointer pointer(row.pointer);
  if (*row.value)
    json.at(pointer) = Json::parse(row.value);
  else
    json.at(pointer.parent_pointer()).erase(pointer.back());
  return json.dump();
}

void test_wrong_field(gconstpointer data) {
  const auto& row = *static_cast<const WrongField*>(data);
  const support::TemporaryFolder folder;
  write_safetensors(folder / "wrong.safetensors", {},
                    {{"torchclassify", with_replaced(row)}});

  expect_error(
      ErrorCode::kBadData, [&] { open_bundle(folder / "wrong.safetensors"); },
      row.word, "wrong.safetensors");
}

void test_wrong_json(gconstpointer data) {
  const support::TemporaryFolder folder;
  write_safetensors(folder / "f", {},
                    {{"torchclassify", static_cast<const char*>(data)}});

  expect_error(
      ErrorCode::kBadData, [&] { open_bundle(folder / "f"); }, "description",
      "/f");
}

void test_newer_version(void) {
  const support::TemporaryFolder folder;
  write_safetensors(folder / "f", {},
                    {{"torchclassify", R"({"version": 2, "new": []})"}});

  expect_error(
      ErrorCode::kUnsupported, [&] { open_bundle(folder / "f"); }, "version 1",
      "got 2", "/f");
}

void test_bare_weights(void) {
  const support::TemporaryFolder folder;
  write_safetensors(folder / "f", {}, {{"format", "pt"}});

  expect_error(
      ErrorCode::kUnsupported, [&] { open_bundle(folder / "f"); },
      "torchclassify convert", "/f");
}

struct WrongInfo {
  const char* name;
  void (*spoil)(ModelInfo& info);
  const char* word;
};

constexpr char kNotUtf8 = '\xFF';
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

const WrongInfo kWrongInfos[] = {
    {"no-architecture", [](ModelInfo& i) { i.architecture.clear(); },
     "architecture"},
    {"no-classes", [](ModelInfo& i) { i.classes.clear(); }, "classes"},
    {"a-class-not-in-utf8",
     [](ModelInfo& i) { i.classes[0].assign(1, kNotUtf8); }, "UTF-8"},
    {"provenance-not-in-utf8",
     [](ModelInfo& i) { i.provenance["a"].assign(1, kNotUtf8); }, "UTF-8"},
    {"temperature-nan", [](ModelInfo& i) { i.temperature = kNan; },
     "temperature"},
    {"temperature-infinite", [](ModelInfo& i) { i.temperature = INFINITY; },
     "temperature"},
    {"threshold-nan", [](ModelInfo& i) { i.thresholds[0] = kNan; },
     "thresholds"},
    {"too-many-thresholds", [](ModelInfo& i) { i.thresholds.push_back(0); },
     "thresholds"},
    {"too-few-logits", [](ModelInfo& i) { i.self_check.logits.pop_back(); },
     "self_check.logits"},
    {"logit-nan", [](ModelInfo& i) { i.self_check.logits[0] = kNan; },
     "self_check.logits"},
    {"metric-nan", [](ModelInfo& i) { i.metrics["loss"] = kNan; }, "metrics"},
    {"mean-nan", [](ModelInfo& i) { i.preprocessing.mean[0] = kNan; }, "mean"},
};

void test_wrong_info(gconstpointer data) {
  const auto& row = *static_cast<const WrongInfo*>(data);
  const support::TemporaryFolder folder;
  ModelInfo info = full_info();
  row.spoil(info);

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { write_bundle(folder / "f", info, {}); }, row.word);

  g_assert_false(std::filesystem::exists(folder / "f"));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/bundle/what-was-written-is-read", test_round_trip);
  g_test_add_func("/bundle/absent-fields-have-defaults", test_defaults);
  for (const WrongField& row : kWrongFields) {
    const std::string path = std::string("/bundle/a-wrong-field-is-named") +
                             row.pointer + "/" +
                             (*row.value ? row.value : "absent");
    g_test_add_data_func(path.c_str(), &row, test_wrong_field);
  }
  g_test_add_data_func("/bundle/not-json-is-refused", "{", test_wrong_json);
  g_test_add_data_func("/bundle/a-list-is-refused", "[]", test_wrong_json);
  g_test_add_data_func("/bundle/an-empty-text-is-refused", "", test_wrong_json);
  g_test_add_data_func("/bundle/a-key-twice-is-refused",
                       R"({"version": 1, "version": 1})", test_wrong_json);
  g_test_add_data_func("/bundle/a-number-beyond-double-is-refused",
                       R"({"version": 1e999})", test_wrong_json);
  g_test_add_func("/bundle/a-newer-version-is-unsupported", test_newer_version);
  g_test_add_func("/bundle/bare-weights-point-to-convert", test_bare_weights);
  support::add_rows("/bundle/a-wrong-info-is-not-written", kWrongInfos,
                    test_wrong_info);
  return g_test_run();
}
