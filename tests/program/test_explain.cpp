// SPDX-License-Identifier: LGPL-2.1-or-later
// Grad-CAM in `torchclassify predict --explain` and in reports.
#include <glib.h>

#include <algorithm>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"

using program::Arguments;
using program::ColorModel;
using program::expect_failure;
using program::run;
using program::run_well;
using program::write_picture;
using support::real_data_or_skip;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

// predict --explain with the colour model.
Arguments explain_into(const fs::path& folder, const Arguments& more) {
  Arguments arguments = {"predict", "--model-file",
                         ColorModel::shared().bundle(), "--explain", folder};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

void test_each_picture_gets_an_overlay_beside_its_answer() {
  const TemporaryFolder folder;
  write_picture(folder / "in/a.ppm", 255, 0, 0);
  write_picture(folder / "in/b.ppm", 0, 0, 255);

  const auto outcome = run_well(explain_into(folder / "out", {folder / "in"}));

  g_assert_cmpuint(program::lines_of(outcome.out).size(), ==, 2);
  g_assert_true(names_in(folder / "out") ==
                Arguments({"a-red-gradcam.png", "b-blue-gradcam.png"}));
  const auto png = support::read_file(folder / "out/a-red-gradcam.png");
  g_assert_true(png.starts_with("\x89PNG"));
}

void test_names_are_safe_and_no_picture_takes_another_s() {
  const TemporaryFolder folder;
  write_picture(folder / "1/a b*?.ppm", 255, 0, 0);
  write_picture(folder / "2/a b*?.ppm", 255, 0, 0);
  write_picture(folder / "2/.hidden.ppm", 255, 0, 0);
  const std::string accented = "\xc3\xa9";
  write_picture(folder / ("2/" + std::string(79, 'x') + accented + ".ppm"), 255,
                0, 0);
  support::write_file(folder / "labels.txt", "../r:\ngreen\nblue\n");

  run_well(explain_into(folder / "out", {"--labels-file", folder / "labels.txt",
                                         folder / "1", folder / "2"}));

  g_assert_true(
      names_in(folder / "out") ==
      Arguments({"_hidden-_._r_-gradcam.png", "a_b__-_._r_-gradcam-2.png",
                 "a_b__-_._r_-gradcam.png",
                 std::string(79, 'x') + "-_._r_-gradcam.png"}));
}

void test_a_class_can_be_chosen() {
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome = run_well(explain_into(
      folder / "out", {"--explain-class", "blue", folder / "a.ppm"}));

  g_assert_true(outcome.out.find("red") != std::string::npos);
  g_assert_true(names_in(folder / "out") == Arguments({"a-blue-gradcam.png"}));
}

void test_the_report_has_a_heat_map_per_mistake() {
  const TemporaryFolder folder;
  write_picture(folder / "in/red/1.ppm", 255, 0, 0);
  write_picture(folder / "in/green/1.ppm", 255, 0, 0);
  write_picture(folder / "in/blue/1.ppm", 255, 0, 0);

  run_well({"evaluate", "--model-file", ColorModel::shared().bundle(),
            "--data-path", folder / "in", "--report-dir", folder / "out"});

  const std::string page = support::read_file(folder / "out/report.html");
  g_assert_cmpuint(count(page, "<img class=plain"), ==, 2);
  g_assert_cmpuint(count(page, "<img class=heat"), ==, 2);
}

// Half of the pictures have a wrong label, whatever the model learns.
void test_the_report_of_a_training_has_a_heat_map_per_mistake() {
  const TemporaryFolder folder;
  for (const char* label : {"a", "b"}) {
    for (int i = 0; i < 8; ++i)
      write_picture(folder / ("in/" + std::string(label) + "/" +
                              std::to_string(i) + ".ppm"),
                    255, 0, 0);
  }

  run_well({"train", "--data-path", folder / "in", "--output-dir",
            folder / "out", "--model", "simple_cnn", "--epochs", "1"});

  const std::string page = support::read_file(folder / "out/report.html");
  g_assert_cmpuint(count(page, "<img class=plain"), >, 0);
  g_assert_cmpuint(count(page, "<img class=heat"), ==,
                   count(page, "<img class=plain"));
}

void test_the_report_of_code_has_no_heat_map() {
  const fs::path model = real_data_or_skip("weights/pytorch_lenet5.pt");
  const fs::path digits = real_data_or_skip("mnist");
  if (model.empty() || digits.empty())
    return;
  const TemporaryFolder folder;

  run_well({"evaluate", "--allow-code", "--model-file", model, "--dataset",
            "mnist", "--data-path", digits, "--report-dir", folder / "out"});

  const std::string page = support::read_file(folder / "out/report.html");
  g_assert_cmpuint(count(page, "<img class=plain"), ==, 24);
  g_assert_cmpuint(count(page, "<img class=heat"), ==, 0);
}

void test_an_unreadable_picture_leaves_the_others_alone() {
  const TemporaryFolder folder;
  write_picture(folder / "in/a.ppm", 255, 0, 0);
  support::write_file(folder / "in/b.ppm", "no picture");

  const auto outcome = run(explain_into(folder / "out", {folder / "in"}));

  expect_failure(outcome, program::kBadData, {"1 of 2", "b.ppm"});
  g_assert_true(names_in(folder / "out") == Arguments({"a-red-gradcam.png"}));
}

void test_videos_are_refused() {
  const TemporaryFolder folder;
  support::write_file(folder / "a.mp4", "a video, or not");

  const auto outcome = run(explain_into(folder / "out", {folder / "a.mp4"}));

  expect_failure(outcome, program::kBadData,
                 {"expected a picture to explain", "a.mp4"});
}

struct Refusal {
  const char* name;
  Arguments arguments;
  program::ExitStatus status;
  const char* word;
};
const Refusal kRefusals[] = {
    {"unknown-class", {"--explain-class", "bleu"}, program::kBadData, "blue"},
    {"no-class", {"--explain-class"}, program::kWrongUsage, "--explain-class"},
    {"no-device", {"--device", "cuda"}, program::kInternal, "cuda"},
};

void test_wrong_options_are_refused(gconstpointer row) {
  const Refusal& refusal = *static_cast<const Refusal*>(row);
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);
  Arguments arguments = explain_into(folder / "out", {folder / "a.ppm"});
  arguments.insert(arguments.end(), refusal.arguments.begin(),
                   refusal.arguments.end());

  expect_failure(run(arguments), refusal.status, {refusal.word});
  g_assert_false(fs::exists(folder / "out"));
}

void test_a_class_without_a_folder_is_refused() {
  expect_failure(run({"predict", "--model-file", ColorModel::shared().bundle(),
                      "--explain-class", "red", "a.ppm"}),
                 program::kWrongUsage, {"--explain"});
}

void test_a_folder_that_cannot_be_made_is_refused() {
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome =
      run(explain_into(folder / "a.ppm" / "out", {folder / "a.ppm"}));

  expect_failure(outcome, program::kNotWritten, {"a.ppm/out"});
  g_assert_cmpstr(outcome.out.c_str(), ==, "");
}

// There is a folder in the way of the overlay.
void test_an_overlay_that_cannot_be_written_is_said() {
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);
  write_picture(folder / "out/a-red-gradcam.png/b.ppm", 255, 0, 0);

  expect_failure(run(explain_into(folder / "out", {folder / "a.ppm"})),
                 program::kNotWritten, {"a-red-gradcam.png"});
}

void test_a_model_that_is_code_is_refused() {
  const fs::path model = real_data_or_skip("weights/pytorch_lenet5.pt");
  if (model.empty())
    return;
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome = run({"predict", "--allow-code", "--model-file", model,
                            "--explain", folder / "out", folder / "a.ppm"});

  expect_failure(outcome, program::kBadData, {"expected a bundle", "code"});
}

void test_photographs_are_explained() {
  const fs::path pictures = real_data_or_skip("hymenoptera-mini");
  const fs::path weights =
      real_data_or_skip("weights/mobilenet_v2-imagenet-f16.safetensors");
  const fs::path names = real_data_or_skip("imagenet-mini");
  if (pictures.empty() || weights.empty() || names.empty())
    return;
  const TemporaryFolder folder;
  run_well({"convert", weights, "--model", "mobilenet_v2", "--classes",
            names / "imagenet_classes.txt", "-o", folder / "m"});

  run_well({"predict", "--model-file", folder / "m", "--explain",
            folder / "out", "--explain-class", "bee", pictures / "val/bees"});

  g_assert_cmpuint(names_in(folder / "out").size(), ==, 20);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/explain/each-picture-gets-an-overlay",
                  test_each_picture_gets_an_overlay_beside_its_answer);
  g_test_add_func("/program/explain/names-are-safe-and-each-has-its-own",
                  test_names_are_safe_and_no_picture_takes_another_s);
  g_test_add_func("/program/explain/a-class-can-be-chosen",
                  test_a_class_can_be_chosen);
  g_test_add_func("/program/explain/the-report-has-a-heat-map-per-mistake",
                  test_the_report_has_a_heat_map_per_mistake);
  g_test_add_func("/program/explain/the-report-of-a-training-has-heat-maps",
                  test_the_report_of_a_training_has_a_heat_map_per_mistake);
  g_test_add_func("/program/explain/the-report-of-code-has-no-heat-map",
                  test_the_report_of_code_has_no_heat_map);
  g_test_add_func("/program/explain/photographs-are-explained",
                  test_photographs_are_explained);
  g_test_add_func("/program/explain/an-unreadable-picture-leaves-the-others",
                  test_an_unreadable_picture_leaves_the_others_alone);
  g_test_add_func("/program/explain/videos-are-refused",
                  test_videos_are_refused);
  support::add_rows("/program/explain/wrong-options-are-refused", kRefusals,
                    test_wrong_options_are_refused);
  g_test_add_func("/program/explain/a-class-without-a-folder-is-refused",
                  test_a_class_without_a_folder_is_refused);
  g_test_add_func("/program/explain/a-folder-that-cannot-be-made-is-refused",
                  test_a_folder_that_cannot_be_made_is_refused);
  g_test_add_func("/program/explain/an-overlay-that-cannot-be-written-is-said",
                  test_an_overlay_that_cannot_be_written_is_said);
  g_test_add_func("/program/explain/a-model-that-is-code-is-refused",
                  test_a_model_that_is_code_is_refused);
  return g_test_run();
}
