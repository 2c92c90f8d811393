// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify evaluate`: several labels, calibration and thresholds.
#include <glib.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "color_model.h"
#include "formats/bundle.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::Arguments;
using program::ColorModel;
using program::expect_failure;
using program::run;
using program::run_well;
using program::write_picture;
using support::TemporaryFolder;
using torchclassify::Activation;
using torchclassify::Bundle;
using torchclassify::ModelInfo;
using torchclassify::open_bundle;

namespace {

using Json = nlohmann::json;

// The colour model with another activation and thresholds of 0.9: a sigmoid is
// 0.5 for a colour that is absent and 0.982 for one that is there.
std::string write_model(const TemporaryFolder& folder, Activation activation) {
  const Bundle bundle = open_bundle(ColorModel::shared().bundle());
  ModelInfo info = bundle.info;
  info.activation = activation;
  if (activation == Activation::kSigmoid)
    info.thresholds = {0.9f, 0.9f, 0.9f};
  const auto path = folder / "model.safetensors";
  write_bundle(path, info, bundle.file.tensors());
  return path;
}

// Right, one label missed, none right, none there.
std::string write_manifest(const TemporaryFolder& folder) {
  write_picture(folder / "yellow.ppm", 255, 255, 0);
  write_picture(folder / "red.ppm", 255, 0, 0);
  write_picture(folder / "black.ppm", 0, 0, 0);
  support::write_file(folder / "set.csv",
                      "path,label\n"
                      "yellow.ppm,red|green\n"
                      "red.ppm,red|blue\n"
                      "red.ppm,green\n"
                      "black.ppm,\n");
  return folder / "set.csv";
}

// Three reds, one of which is called green.
void write_reds(const TemporaryFolder& set) {
  write_picture(set / "red/1.ppm", 255, 0, 0);
  write_picture(set / "red/2.ppm", 255, 0, 0);
  write_picture(set / "green/1.ppm", 255, 0, 0);
  write_picture(set / "blue/1.ppm", 0, 0, 255);
}

bool same_weights(const std::string& one, const std::string& other) {
  const Bundle first = open_bundle(one);
  const Bundle second = open_bundle(other);
  const auto& tensors = second.file.tensors();
  for (const auto& [name, view] : first.file.tensors()) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.size != view.size ||
        std::memcmp(found->second.data, view.data, view.size) != 0)
      return false;
  }
  return first.file.tensors().size() == tensors.size();
}

void test_several_labels_are_counted_one_by_one() {
  const TemporaryFolder folder;
  const TemporaryFolder report;
  const auto model = write_model(folder, Activation::kSigmoid);

  run_well({"evaluate", "--model-file", model, "--data-path",
            write_manifest(folder), "--dataset", "manifest", "--report-dir",
            report.path()});

  const Json json = Json::parse(support::read_file(report / "metrics.json"));
  g_assert_cmpfloat(json["accuracy"].get<double>(), ==, 0.5);
  // Predicted: red and green, red, red; there: those, blue and green.
  g_assert_cmpfloat(json["micro"]["precision"].get<double>(), ==, 3 / 4.);
  g_assert_cmpfloat(json["micro"]["recall"].get<double>(), ==, 3 / 5.);
  g_assert_true(json["confusion"].empty());
}

void test_several_labels_share_a_line_of_the_predictions() {
  const TemporaryFolder folder;
  const TemporaryFolder report;
  const auto model = write_model(folder, Activation::kSigmoid);

  run_well({"evaluate", "--model-file", model, "--data-path",
            write_manifest(folder), "--dataset", "manifest", "--report-dir",
            report.path()});

  const auto lines =
      program::lines_of(support::read_file(report / "predictions.csv"));
  g_assert_cmpuint(lines.size(), ==, 5);
  g_assert_true(lines[1].find(",red|green,red|green,0.98201") !=
                std::string::npos);
  g_assert_true(lines[2].find(",red|blue,red,0.98201") != std::string::npos);
  g_assert_true(lines[4].ends_with(",,,"));
}

void test_several_labels_need_a_sigmoid() {
  const TemporaryFolder folder;

  const auto outcome =
      run({"evaluate", "--model-file", ColorModel::shared().bundle(),
           "--data-path", write_manifest(folder), "--dataset", "manifest"});

  expect_failure(outcome, program::kBadData, {"sigmoid", "set.csv"});
}

void test_calibration_writes_the_model_with_its_temperature() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  const TemporaryFolder folder;
  write_reds(set);

  const auto outcome = run_well(
      {"evaluate", "--model-file", model.bundle(), "--data-path", set.path(),
       "--calibrate", "temperature", "-o", folder / "new.safetensors"});

  // 3 of 4 right is odds of 6 to each of the two others.
  const double expected = 4 / std::log(6.0);
  const ModelInfo info = open_bundle(folder / "new.safetensors").info;
  g_assert_cmpfloat_with_epsilon(info.temperature, expected, 1e-5);
  g_assert_true(same_weights(model.bundle(), folder / "new.safetensors"));
  g_assert_true(outcome.out.find("\ntemperature=2.2324") != std::string::npos);
  g_assert_true(outcome.out.find("ece_after=0.0000\n") != std::string::npos);
}

void test_a_calibrated_model_is_measured_with_its_temperature() {
  const TemporaryFolder set;
  const TemporaryFolder folder;
  write_reds(set);
  const std::string better = folder / "new.safetensors";
  run_well({"evaluate", "--model-file", ColorModel::shared().bundle(),
            "--data-path", set.path(), "--calibrate", "temperature", "-o",
            better});

  const auto outcome = run_well({"evaluate", "--model-file", better,
                                 "--data-path", set.path(), "--json"});

  g_assert_cmpfloat_with_epsilon(Json::parse(outcome.out)["ece"].get<double>(),
                                 0, 1e-5);
}

void test_answers_that_are_all_right_calibrate_nothing() {
  const TemporaryFolder set;
  const TemporaryFolder folder;
  write_picture(set / "red/1.ppm", 255, 0, 0);

  const auto outcome =
      run({"evaluate", "--model-file", ColorModel::shared().bundle(),
           "--data-path", set.path(), "--calibrate", "temperature", "-o",
           folder / "new.safetensors"});

  expect_failure(outcome, program::kBadData, {"temperature"});
  g_assert_false(std::filesystem::exists(folder / "new.safetensors"));
}

void test_thresholds_are_fitted_and_written() {
  const TemporaryFolder folder;
  const auto model = write_model(folder, Activation::kSigmoid);

  const auto outcome =
      run_well({"evaluate", "--model-file", model, "--data-path",
                write_manifest(folder), "--dataset", "manifest", "--thresholds",
                "fit", "-o", folder / "new.safetensors", "--json"});

  const auto thresholds =
      open_bundle(folder / "new.safetensors").info.thresholds;
  g_assert_cmpuint(thresholds.size(), ==, 3);
  // Red is there where the sigmoid is 0.982, and absent where it is 0.5.
  g_assert_cmpfloat_with_epsilon(thresholds[0], (0.5f + 0.98201f) / 2, 1e-4f);
  const Json refit = Json::parse(outcome.out)["refit"];
  g_assert_cmpfloat(refit["macro_f1_after"].get<double>(), >,
                    refit["macro_f1_before"].get<double>());
  g_assert_true(same_weights(model, folder / "new.safetensors"));
}

struct Refusal {
  const char* name;
  Activation activation;
  Arguments arguments;
  program::ExitStatus status;
  const char* word;
};

const Refusal kRefusals[] = {
    {"calibration-without-output",
     Activation::kSoftmax,
     {"--calibrate", "temperature"},
     program::kWrongUsage,
     "--output"},
    {"output-without-calibration",
     Activation::kSoftmax,
     {"-o", "new.safetensors"},
     program::kWrongUsage,
     "--calibrate"},
    {"another-calibration",
     Activation::kSoftmax,
     {"--calibrate", "vector", "-o", "new.safetensors"},
     program::kWrongUsage,
     "vector"},
    {"calibration-of-plain-scores",
     Activation::kNone,
     {"--calibrate", "temperature", "-o", "new.safetensors"},
     program::kWrongUsage,
     "softmax or sigmoid"},
    {"thresholds-of-softmax",
     Activation::kSoftmax,
     {"--thresholds", "fit", "-o", "new.safetensors"},
     program::kWrongUsage,
     "sigmoid"},
    {"output-nowhere",
     Activation::kSoftmax,
     {"--calibrate", "temperature", "-o", "/proc/nowhere/new.safetensors"},
     program::kNotWritten,
     "nowhere"},
};

void test_what_cannot_be_fitted_is_refused(gconstpointer data) {
  const Refusal& refusal = *static_cast<const Refusal*>(data);
  const TemporaryFolder set;
  const TemporaryFolder folder;
  write_reds(set);
  Arguments arguments = {"evaluate", "--model-file",
                         write_model(folder, refusal.activation), "--data-path",
                         set.path()};
  arguments.insert(arguments.end(), refusal.arguments.begin(),
                   refusal.arguments.end());

  const auto outcome = run(arguments);

  expect_failure(outcome, refusal.status, {refusal.word});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/evaluate/several-labels-are-counted-one-by-one",
                  test_several_labels_are_counted_one_by_one);
  g_test_add_func(
      "/program/evaluate/several-labels-share-a-line-of-the-predictions",
      test_several_labels_share_a_line_of_the_predictions);
  g_test_add_func("/program/evaluate/several-labels-need-a-sigmoid",
                  test_several_labels_need_a_sigmoid);
  g_test_add_func(
      "/program/evaluate/calibration-writes-the-model-with-its-temperature",
      test_calibration_writes_the_model_with_its_temperature);
  g_test_add_func(
      "/program/evaluate/a-calibrated-model-is-measured-with-its-temperature",
      test_a_calibrated_model_is_measured_with_its_temperature);
  g_test_add_func(
      "/program/evaluate/answers-that-are-all-right-calibrate-nothing",
      test_answers_that_are_all_right_calibrate_nothing);
  g_test_add_func("/program/evaluate/thresholds-are-fitted-and-written",
                  test_thresholds_are_fitted_and_written);
  support::add_rows("/program/evaluate/what-cannot-be-fitted-is-refused",
                    kRefusals, test_what_cannot_be_fitted_is_refused);
  return g_test_run();
}
