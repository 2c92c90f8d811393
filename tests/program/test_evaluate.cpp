// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify evaluate`: figures that can be counted by hand.
#include <glib.h>

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
using program::write_picture;
using support::TemporaryFolder;

namespace {

using Json = nlohmann::json;

// Two reds, a green and a green that is red, a blue.
void write_set(const TemporaryFolder& folder) {
  write_picture(folder / "red/1.ppm", 255, 0, 0);
  write_picture(folder / "red/2.ppm", 255, 0, 0);
  write_picture(folder / "green/1.ppm", 0, 255, 0);
  write_picture(folder / "green/2.ppm", 255, 0, 0);
  write_picture(folder / "blue/1.ppm", 0, 0, 255);
}

void assert_near(const Json& value, double expected) {
  g_assert_cmpfloat_with_epsilon(value.get<double>(), expected, 1e-6);
}

void test_metrics_are_what_can_be_counted() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  const TemporaryFolder report;
  write_set(set);

  run_well({"evaluate", "--model-file", model.bundle(), "--data-path",
            set.path(), "--report-dir", report.path()});

  const Json json = Json::parse(support::read_file(report / "metrics.json"));
  expect_keys(json, {"accuracy", "top5_accuracy", "balanced_accuracy", "loss",
                     "ece", "kappa", "mcc", "micro", "macro", "weighted",
                     "mean_average_precision", "mean_roc_auc", "per_class",
                     "confusion", "topk", "skipped"});
  assert_near(json["accuracy"], 0.8);
  assert_near(json["top5_accuracy"], 1);
  assert_near(json["balanced_accuracy"], 2.5 / 3);
  assert_near(json["ece"], ColorModel::kPlain - 0.8);
  const double hit = -std::log(ColorModel::kPlain);
  assert_near(json["loss"], (5 * hit + 4) / 5);
  expect_keys(json["macro"], {"precision", "recall", "f1"});
  assert_near(json["macro"]["precision"], (2 / 3. + 1 + 1) / 3);
  assert_near(json["macro"]["recall"], 2.5 / 3);
  assert_near(json["weighted"]["recall"], 0.8);
  // Rows are the truth; in the model's order, not the folders'.
  g_assert_true(json["confusion"] == Json({{2, 0, 0}, {1, 1, 0}, {0, 0, 1}}));
}

void test_each_class_has_its_scores() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);

  const auto outcome = run_well({"evaluate", "--model-file", model.bundle(),
                                 "--data-path", set.path(), "--json"});

  const Json classes = Json::parse(outcome.out)["per_class"];
  g_assert_cmpuint(classes.size(), ==, 3);
  for (const Json& entry : classes)
    expect_keys(entry, {"label", "precision", "recall", "f1", "support",
                        "average_precision", "roc_auc"});
  g_assert_true(classes[1]["label"] == "green");
  g_assert_true(classes[1]["support"] == 2);
  assert_near(classes[1]["precision"], 1);
  assert_near(classes[1]["recall"], 0.5);
  assert_near(classes[1]["f1"], 2 / 3.);
}

void test_predictions_have_a_line_for_each_picture() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  const TemporaryFolder report;
  write_set(set);

  run_well({"evaluate", "--model-file", model.bundle(), "--data-path",
            set.path(), "--report-dir", report / "deep/down"});

  const auto lines = program::lines_of(
      support::read_file(report / "deep/down/predictions.csv"));
  g_assert_cmpuint(lines.size(), ==, 6);
  g_assert_cmpstr(lines[0].c_str(), ==, "path,label,predicted,confidence");
  const std::string wrong =
      std::string(set / "green/2.ppm") + ",green,red,0.96466";
  g_assert_true(lines[3].starts_with(wrong));
}

void test_the_report_needs_no_other_file() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  const TemporaryFolder report;
  write_set(set);

  run_well({"evaluate", "--model-file", model.bundle(), "--data-path",
            set.path(), "--report-dir", report.path()});

  const std::string page = support::read_file(report / "report.html");
  g_assert_true(page.starts_with("<!DOCTYPE html>"));
  for (const char* foreign : {"src=\"/", "href=\"/", "http://", "https://"})
    g_assert_true(page.find(foreign) == std::string::npos);
}

std::size_t thumbnails_in(const TemporaryFolder& report) {
  const std::string page = support::read_file(report / "report.html");
  std::size_t count = 0;
  for (auto at = page.find("<img class=plain"); at != std::string::npos;
       at = page.find("<img class=plain", at + 1))
    ++count;
  return count;
}

void test_the_report_shows_mistakes_as_many_as_asked_for() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  const TemporaryFolder report;
  write_set(set);
  write_picture(set / "blue/2.ppm", 255, 0, 0);
  Arguments arguments = {"evaluate",    "--model-file", model.bundle(),
                         "--data-path", set.path(),     "--report-dir",
                         report.path()};

  run_well(arguments);
  g_assert_cmpuint(thumbnails_in(report), ==, 2);

  arguments.insert(arguments.end(), {"--mistakes", "1"});
  run_well(arguments);
  g_assert_cmpuint(thumbnails_in(report), ==, 1);
}

void test_top_k_says_how_many_accuracies_there_are() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);

  const auto outcome =
      run_well({"evaluate", "--model-file", model.bundle(), "--data-path",
                set.path(), "--json", "--top-k", "2"});

  // The green that is red: its class comes second, blue third.
  g_assert_true(Json::parse(outcome.out)["topk"] == Json({0.8, 1.0}));
}

void test_a_part_of_the_set_can_be_chosen() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_picture(set / "train/red/1.ppm", 255, 0, 0);
  write_picture(set / "val/red/1.ppm", 0, 255, 0);
  const auto accuracy = [&](const char* split) {
    const auto outcome =
        run_well({"evaluate", "--model-file", model.bundle(), "--data-path",
                  set.path(), "--json", "--split", split});
    return Json::parse(outcome.out)["accuracy"].get<double>();
  };

  g_assert_cmpfloat(accuracy("train"), ==, 1);
  g_assert_cmpfloat(accuracy("val"), ==, 0);
}

void test_a_summary_is_printed() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);

  const auto outcome = run_well(
      {"evaluate", "--model-file", model.bundle(), "--data-path", set.path()});

  g_assert_true(outcome.out.starts_with("pictures=5 accuracy=0.8000 "));
}

void test_an_unreadable_picture_is_reported_after_the_rest() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);
  support::write_file(set / "green/2.ppm", "no picture");

  const auto outcome = run({"evaluate", "--model-file", model.bundle(),
                            "--data-path", set.path(), "--json"});

  expect_failure(outcome, program::kBadData, {"1 of 5", "green/2.ppm"});
  assert_near(Json::parse(outcome.out)["accuracy"], 1);
}

void test_an_unreadable_picture_can_be_skipped() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);
  support::write_file(set / "green/2.ppm", "no picture");
  Arguments arguments = {"evaluate",    "--model-file", model.bundle(),
                         "--data-path", set.path(),     "--on-corrupt",
                         "skip"};

  const auto text = run_well(arguments);
  arguments.push_back("--json");
  const Json json = Json::parse(run_well(arguments).out);

  const std::string name = set / "green/2.ppm";
  g_assert_true(text.out.starts_with("pictures=4 "));
  g_assert_true(text.out.find("\nskipped " + name + ": ") != std::string::npos);
  g_assert_cmpuint(json["skipped"].size(), ==, 1);
  g_assert_true(json["skipped"][0]["path"] == name);
}

void test_an_unreadable_picture_can_end_it_all() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);
  support::write_file(set / "green/2.ppm", "no picture");

  const auto outcome = run({"evaluate", "--model-file", model.bundle(),
                            "--data-path", set.path(), "--on-corrupt", "fail"});

  expect_failure(outcome, program::kBadData, {"green/2.ppm"});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

void test_no_readable_picture_is_no_result() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  support::write_file(set / "a.txt", "");
  std::filesystem::create_directory(set / "red");
  support::write_file(set / "red/1.ppm", "no picture");

  const auto outcome = run(
      {"evaluate", "--model-file", model.bundle(), "--data-path", set.path()});

  expect_failure(outcome, program::kBadData, {"none could be read"});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

void test_classes_that_the_model_lacks_are_refused() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);
  write_picture(set / "yellow/1.ppm", 255, 255, 0);

  const auto outcome = run(
      {"evaluate", "--model-file", model.bundle(), "--data-path", set.path()});

  expect_failure(outcome, program::kBadData, {"\"blue\"", "3"});
}

struct Refusal {
  const char* name;
  Arguments arguments;  // behind --model-file
  program::ExitStatus status;
  const char* word;
};

const Refusal kRefusals[] = {
    {"no-data", {}, program::kWrongUsage, "--data-path"},
    {"missing-data", {"--data-path", "/nowhere"}, program::kBadData, "nowhere"},
    {"layout",
     {"--data-path", "SET", "--dataset", "voc"},
     program::kWrongUsage,
     "voc"},
    {"split",
     {"--data-path", "SET", "--split", "half"},
     program::kWrongUsage,
     "half"},
    {"corrupt-policy",
     {"--data-path", "SET", "--on-corrupt", "mend"},
     program::kWrongUsage,
     "mend"},
    {"top-0",
     {"--data-path", "SET", "--top-k", "0"},
     program::kWrongUsage,
     "0"},
    {"other-layout",
     {"--data-path", "SET", "--dataset", "mnist"},
     program::kBadData,
     "t10k"},
    {"unwritable-report",
     {"--data-path", "SET", "--report-dir", "/proc/nowhere"},
     program::kNotWritten,
     "nowhere"},
    {"missing-labels",
     {"--data-path", "SET", "--labels-file", "gone.txt"},
     program::kBadData,
     "gone.txt"},
};

void test_what_cannot_be_measured_is_refused(gconstpointer data) {
  const Refusal& refusal = *static_cast<const Refusal*>(data);
  const auto& model = ColorModel::shared();
  const TemporaryFolder set;
  write_set(set);
  Arguments arguments = {"evaluate", "--model-file", model.bundle()};
  for (const std::string& argument : refusal.arguments)
    arguments.push_back(argument == "SET" ? set.path().string() : argument);

  const auto outcome = run(arguments);

  expect_failure(outcome, refusal.status, {refusal.word});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/evaluate/metrics-are-what-can-be-counted",
                  test_metrics_are_what_can_be_counted);
  g_test_add_func("/program/evaluate/each-class-has-its-scores",
                  test_each_class_has_its_scores);
  g_test_add_func("/program/evaluate/predictions-have-a-line-for-each-picture",
                  test_predictions_have_a_line_for_each_picture);
  g_test_add_func("/program/evaluate/the-report-needs-no-other-file",
                  test_the_report_needs_no_other_file);
  g_test_add_func(
      "/program/evaluate/the-report-shows-mistakes-as-many-as-asked-for",
      test_the_report_shows_mistakes_as_many_as_asked_for);
  g_test_add_func("/program/evaluate/top-k-says-how-many-accuracies-there-are",
                  test_top_k_says_how_many_accuracies_there_are);
  g_test_add_func("/program/evaluate/a-part-of-the-set-can-be-chosen",
                  test_a_part_of_the_set_can_be_chosen);
  g_test_add_func("/program/evaluate/an-unreadable-picture-can-be-skipped",
                  test_an_unreadable_picture_can_be_skipped);
  g_test_add_func("/program/evaluate/an-unreadable-picture-can-end-it-all",
                  test_an_unreadable_picture_can_end_it_all);
  g_test_add_func("/program/evaluate/a-summary-is-printed",
                  test_a_summary_is_printed);
  g_test_add_func(
      "/program/evaluate/an-unreadable-picture-is-reported-after-the-rest",
      test_an_unreadable_picture_is_reported_after_the_rest);
  g_test_add_func("/program/evaluate/no-readable-picture-is-no-result",
                  test_no_readable_picture_is_no_result);
  g_test_add_func("/program/evaluate/classes-that-the-model-lacks-are-refused",
                  test_classes_that_the_model_lacks_are_refused);
  support::add_rows("/program/evaluate/what-cannot-be-measured-is-refused",
                    kRefusals, test_what_cannot_be_measured_is_refused);
  return g_test_run();
}
