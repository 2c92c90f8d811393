// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify convert`, `inspect` and `models`: model files from outside.
#include <glib.h>
#include <sys/stat.h>

#include <limits>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::ColorModel;
using program::expect_failure;
using program::expect_keys;
using program::run;
using program::run_well;
using support::TemporaryFolder;

namespace {

using Json = nlohmann::json;

Json inspect(const std::string& path, const Arguments& more = {}) {
  Arguments arguments = {"inspect", "--json", path};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Json::parse(run_well(arguments).out);
}

void test_bare_weights_become_a_bundle() {
  const auto& model = ColorModel::shared();

  const Json json = inspect(model.bundle(), {"--check"});

  expect_keys(json, {"path", "format", "bytes", "tensors", "values", "dtypes",
                     "model", "check"});
  g_assert_true(json["format"] == "bundle");
  g_assert_true(json["tensors"] == 4);
  g_assert_true(json["values"] == 16 * 27 + 16 + 3 * 16 + 3);
  g_assert_true(json["dtypes"] == Json({{"F32", 4}}));
  const Json& described = json["model"];
  g_assert_true(described["architecture"]["name"] == "simple_cnn");
  g_assert_true(described["classes"] == Json({"red", "green", "blue"}));
  g_assert_true(described["preprocessing"]["crop_width"] == 2);
  g_assert_true(described["preprocessing"]["resize_size"] == 2);
  g_assert_true(described["preprocessing"]["std"] == Json({1, 1, 1}));
  g_assert_true(described["provenance"]["converted_from"] ==
                "weights.safetensors");
  g_assert_true(json["check"]["passed"] == true);
  g_assert_true(json["check"]["max_difference"] == 0);
}

void test_a_bundle_becomes_a_smaller_one() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;

  run_well({"convert", model.bundle(), "--dtype", "fp16", "-o", folder / "h"});

  const Json json = inspect(folder / "h", {"--check"});
  g_assert_true(json["dtypes"] == Json({{"F16", 4}}));
  g_assert_true(json["model"]["classes"] == Json({"red", "green", "blue"}));
  g_assert_true(json["model"]["preprocessing"]["crop_width"] == 2);
}

void test_bare_weights_are_described_as_such() {
  const auto& model = ColorModel::shared();

  const Json json = inspect(model.weights());

  expect_keys(json, {"path", "format", "bytes", "tensors", "values", "dtypes",
                     "names", "recognised_architecture", "classes", "channels",
                     "architecture_options"});
  g_assert_true(json["format"] == "safetensors");
  g_assert_true(json["recognised_architecture"] == "simple_cnn");
  g_assert_true(json["classes"] == 3);
}

void test_inspect_says_the_same_as_text() {
  const auto& model = ColorModel::shared();

  const auto outcome = run_well({"inspect", model.bundle()});

  g_assert_true(outcome.out.find("\nformat: bundle\n") != std::string::npos);
  g_assert_true(outcome.out.find("\nclasses: 3\n") != std::string::npos);
  g_assert_true(outcome.out.find("\nself_check: yes\n") != std::string::npos);
}

void test_models_are_listed() {
  const auto outcome = run_well({"models", "--json"});

  const Json json = Json::parse(outcome.out);
  expect_keys(json, {"models"});
  bool found = false;
  for (const Json& model : json["models"]) {
    g_assert_cmpint(model.at("parameters").get<int>(), >, 0);
    g_assert_cmpint(model.at("macs").get<int64_t>(), >, 0);
    if (model.at("name") != "resnet18")
      continue;
    found = true;
    g_assert_true(model["parameters"] == 11689512);
    g_assert_true(model["classes"] == 1000);
    g_assert_true(model["input_size"] == 224);
    g_assert_true(model["weights_file"] == "resnet18-f37072fd.pth");
  }
  g_assert_true(found);
}

// FILE stands for the bare weights, CLASSES for their names, OUT for the output
// and PIPE for a pipe that nobody writes to.
struct Refusal {
  const char* name;
  Arguments arguments;
  program::ExitStatus status;
  const char* word;
};

const Refusal kRefusals[] = {
    {"missing-file",
     {"nowhere", "--model", "simple_cnn", "--classes", "CLASSES", "-o", "OUT"},
     program::kBadData,
     "nowhere"},
    {"folder",
     {"/", "--model", "simple_cnn", "--classes", "CLASSES", "-o", "OUT"},
     program::kBadData,
     "regular file"},
    {"pipe",
     {"PIPE", "--model", "simple_cnn", "--classes", "CLASSES", "-o", "OUT"},
     program::kBadData,
     "regular file"},
    {"no-output", {"FILE"}, program::kWrongUsage, "--output"},
    {"no-classes",
     {"FILE", "--model", "simple_cnn", "-o", "OUT"},
     program::kWrongUsage,
     "--classes"},
    {"missing-classes",
     {"FILE", "--model", "simple_cnn", "--classes", "gone.txt", "-o", "OUT"},
     program::kBadData,
     "gone.txt"},
    {"another-model",
     {"FILE", "--model", "resnet18", "--classes", "CLASSES", "-o", "OUT"},
     program::kBadData,
     "missing"},
    {"unknown-model",
     {"FILE", "--model", "net", "--classes", "CLASSES", "-o", "OUT"},
     program::kBadData,
     "\"net\""},
    {"another-size",
     {"FILE", "--model", "simple_cnn", "--classes", "CLASSES", "--crop-size",
      "32", "-o", "OUT"},
     program::kBadData,
     "fc.weight"},
    {"a-set-of-another-model",
     {"FILE", "--weights", "ResNet18_Weights.IMAGENET1K_V1", "-o", "OUT"},
     program::kBadData,
     "missing"},
    {"unknown-set",
     {"FILE", "--weights", "resnet18:IMAGENET1K_V9", "-o", "OUT"},
     program::kBadData,
     "IMAGENET1K_V1"},
    {"file-and-download",
     {"FILE", "--download", "resnet18", "-o", "OUT"},
     program::kWrongUsage,
     "--download"},
    {"neither", {"-o", "OUT"}, program::kWrongUsage, "--download"},
    {"unknown-download",
     {"--download", "resnet81", "-o", "OUT"},
     program::kBadData,
     "resnet18"},
    {"one-mean",
     {"FILE", "--model", "simple_cnn", "--classes", "CLASSES", "--crop-size",
      "2", "--mean", "0.5", "-o", "OUT"},
     program::kWrongUsage,
     "mean"},
    {"unwritable",
     {"FILE", "--model", "simple_cnn", "--classes", "CLASSES", "--crop-size",
      "2", "--resize-size", "2", "-o", "/proc/nowhere/out"},
     program::kNotWritten,
     "/proc/nowhere/out"},
};

void test_what_does_not_fit_is_refused(gconstpointer data) {
  const Refusal& refusal = *static_cast<const Refusal*>(data);
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  g_assert_cmpint(::mkfifo((folder / "pipe").c_str(), 0600), ==, 0);
  Arguments arguments = {"convert"};
  for (const std::string& argument : refusal.arguments)
    arguments.push_back(argument == "FILE"      ? model.weights()
                        : argument == "CLASSES" ? model.classes()
                        : argument == "OUT"     ? std::string(folder / "out")
                        : argument == "PIPE"    ? std::string(folder / "pipe")
                                                : argument);

  const auto outcome = run(arguments);

  expect_failure(outcome, refusal.status, {refusal.word});
  g_assert_false(std::filesystem::exists(folder / "out"));
}

void test_another_number_of_classes_is_counted() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  support::write_file(folder / "two.txt", "red\ngreen\n");

  const auto outcome =
      run({"convert", model.weights(), "--model", "simple_cnn", "--classes",
           folder / "two.txt", "--crop-size", "2", "-o", folder / "out"});

  expect_failure(outcome, program::kBadData, {"3 class names", "got 2"});
}

// What timm's models on a hub have beside their weights.
void test_config_beside_the_weights_is_used() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  std::filesystem::copy_file(model.weights(), folder / "model.safetensors");
  support::write_file(folder / "config.json", R"({
    "architecture": "simple_cnn", "num_classes": 3,
    "label_names": ["rot", "gr\u00fcn", "blau"],
    "pretrained_cfg": {"input_size": [3, 2, 2], "crop_pct": 0.5,
      "interpolation": "bicubic", "mean": [0, 0, 0], "std": [1, 1, 1]}})");

  run_well({"convert", folder / "model.safetensors", "-o", folder / "out"});

  const Json described = inspect(folder / "out")["model"];
  g_assert_true(described["classes"] == Json({"rot", "gr\u00fcn", "blau"}));
  g_assert_true(described["preprocessing"]["resize_size"] == 4);
  g_assert_true(described["preprocessing"]["interpolation"] == "bicubic");
}

void test_a_broken_config_is_named() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  std::filesystem::copy_file(model.weights(), folder / "model.safetensors");
  support::write_file(folder / "config.json",
                      R"({"pretrained_cfg": {"input_size": [3, 2]}})");

  const auto outcome =
      run({"convert", folder / "model.safetensors", "--classes",
           model.classes(), "-o", folder / "out"});

  expect_failure(outcome, program::kBadData, {"input_size", "config.json"});
}

void test_other_classes_get_a_new_head() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  support::write_file(folder / "two.txt", "warm\ncold\n");

  const auto outcome =
      run_well({"convert", model.weights(), "--allow-partial", "--classes",
                folder / "two.txt", "-o", folder / "out"});

  const Json json = inspect(folder / "out", {"--check"});
  g_assert_true(json["model"]["classes"] == Json({"warm", "cold"}));
  g_assert_true(outcome.out.find("the last layer is new") != std::string::npos);
}

void test_a_hash_in_the_name_is_verified() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  const auto lying = folder / "color-0badf00d.safetensors";
  std::filesystem::copy_file(model.weights(), lying);

  const auto outcome = run(
      {"convert", lying, "--classes", model.classes(), "-o", folder / "out"});

  expect_failure(outcome, program::kBadData, {"SHA-256", "0badf00d"});
  g_assert_false(std::filesystem::exists(folder / "out"));
}

void test_inspect_compares_with_an_architecture() {
  const auto& model = ColorModel::shared();

  const Json fits = inspect(model.weights(), {"--model", "simple_cnn"});
  const Json differs = inspect(model.weights(), {"--model", "resnet18"});

  g_assert_true(fits["compared"]["matched"] == 4);
  g_assert_true(fits["compared"]["missing"].empty());
  g_assert_true(differs["compared"]["missing"][0] == "bn1.bias");
  g_assert_true(differs["compared"]["unexpected"][0] == "conv1.bias");
  g_assert_cmpuint(differs["compared"]["wrong_shape"].size(), ==, 3);
}

void test_weights_that_are_not_finite_are_refused(gconstpointer name) {
  const bool nan = g_str_equal(name, "nan");
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  program::write_color_weights(folder / "w",
                               nan ? std::numeric_limits<float>::quiet_NaN()
                                   : std::numeric_limits<float>::infinity());

  const auto outcome =
      run({"convert", folder / "w", "--model", "simple_cnn", "--classes",
           model.classes(), "--crop-size", "2", "-o", folder / "out"});

  expect_failure(outcome, program::kBadData, {"finite"});
  g_assert_false(std::filesystem::exists(folder / "out"));
}

void test_a_failure_leaves_the_old_file_alone() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  support::write_file(folder / "old", "as it was");

  const auto outcome =
      run({"convert", model.weights(), "--model", "resnet18", "--classes",
           model.classes(), "-o", folder / "old"});

  expect_failure(outcome, program::kBadData, {"missing"});
  g_assert_true(support::read_file(folder / "old") == "as it was");
}

void test_changed_weights_fail_the_self_check() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  std::string bytes = support::read_file(model.bundle());
  const std::string four = {'\0', '\0', '\x80', '\x40'};  // 4.0f
  bytes.replace(bytes.rfind(four), four.size(), {'\0', '\0', '\0', '\x41'});
  support::write_file(folder / "changed", bytes);

  const auto outcome = run({"inspect", "--check", folder / "changed"});

  expect_failure(outcome, program::kBadData, {"self-check", "changed"});
}

void test_inspect_refuses_a_file_without_a_self_check() {
  const auto& model = ColorModel::shared();

  const auto outcome = run({"inspect", "--check", model.weights()});

  expect_failure(outcome, program::kBadData, {"torchclassify convert"});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/convert/bare-weights-become-a-bundle",
                  test_bare_weights_become_a_bundle);
  g_test_add_func("/program/convert/a-bundle-becomes-a-smaller-one",
                  test_a_bundle_becomes_a_smaller_one);
  support::add_rows("/program/convert/what-does-not-fit-is-refused", kRefusals,
                    test_what_does_not_fit_is_refused);
  g_test_add_func("/program/convert/another-number-of-classes-is-counted",
                  test_another_number_of_classes_is_counted);
  for (const char* name : {"nan", "infinity"}) {
    g_autofree char* path = g_strdup_printf(
        "/program/convert/weights-that-are-not-finite-are-refused/%s", name);
    g_test_add_data_func(path, name,
                         test_weights_that_are_not_finite_are_refused);
  }
  g_test_add_func("/program/convert/config-beside-the-weights-is-used",
                  test_config_beside_the_weights_is_used);
  g_test_add_func("/program/convert/a-broken-config-is-named",
                  test_a_broken_config_is_named);
  g_test_add_func("/program/convert/other-classes-get-a-new-head",
                  test_other_classes_get_a_new_head);
  g_test_add_func("/program/convert/a-hash-in-the-name-is-verified",
                  test_a_hash_in_the_name_is_verified);
  g_test_add_func("/program/inspect/compares-with-an-architecture",
                  test_inspect_compares_with_an_architecture);
  g_test_add_func("/program/convert/a-failure-leaves-the-old-file-alone",
                  test_a_failure_leaves_the_old_file_alone);
  g_test_add_func("/program/inspect/bare-weights-are-described-as-such",
                  test_bare_weights_are_described_as_such);
  g_test_add_func("/program/inspect/text-says-the-same",
                  test_inspect_says_the_same_as_text);
  g_test_add_func("/program/inspect/changed-weights-fail-the-self-check",
                  test_changed_weights_fail_the_self_check);
  g_test_add_func("/program/inspect/a-file-without-a-self-check-is-refused",
                  test_inspect_refuses_a_file_without_a_self_check);
  g_test_add_func("/program/models/are-listed", test_models_are_listed);
  return g_test_run();
}
