// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify predict`: labels, in each of its forms.
#include <glib.h>

#include <cmath>

#include "color_model.h"
#include "program.h"

using program::Arguments;
using program::ColorModel;
using program::json_lines;
using program::lines_of;
using program::run;
using program::run_well;
using program::write_picture;
using support::TemporaryFolder;

namespace {

using Json = nlohmann::json;

void assert_near(double value, double expected) {
  g_assert_cmpfloat_with_epsilon(value, expected, 1e-6);
}

void test_text_names_the_best_class() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), folder / "a.ppm"});

  const std::string line = std::string(folder / "a.ppm") + ": red 96.47 %\n";
  g_assert_cmpstr(outcome.out.c_str(), ==, line.c_str());
}

void test_json_holds_path_top_and_logits() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 0, 255, 51);

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), "--format", "json",
                "--top-k", "2", "--logits", folder / "a.ppm"});

  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 1);
  program::expect_keys(lines[0], {"path", "top", "logits"});
  g_assert_true(lines[0]["path"] == std::string(folder / "a.ppm"));
  const Json& top = lines[0]["top"];
  g_assert_cmpuint(top.size(), ==, 2);
  program::expect_keys(top[0], {"label", "label_id", "confidence"});
  g_assert_true(top[0]["label"] == "green");
  g_assert_true(top[0]["label_id"] == 1);
  g_assert_true(top[1]["label"] == "blue");
  const double sum = 1 + std::exp(4) + std::exp(0.8);
  assert_near(top[0]["confidence"], std::exp(4) / sum);
  assert_near(top[1]["confidence"], std::exp(0.8) / sum);
  g_assert_cmpuint(lines[0]["logits"].size(), ==, 3);
  assert_near(lines[0]["logits"][0], 0);
  assert_near(lines[0]["logits"][1], 4);
  assert_near(lines[0]["logits"][2], 0.8);
}

void test_csv_has_a_line_for_each_class() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a,b.ppm", 0, 0, 255);

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), "--format", "csv",
                "--top-k", "3", folder / "a,b.ppm"});

  const auto lines = lines_of(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 4);
  g_assert_cmpstr(lines[0].c_str(), ==,
                  "path,frame,pts,rank,label,label_id,confidence,error");
  const std::string path = folder / "a,b.ppm";
  g_assert_true(lines[1].starts_with("\"" + path + "\",,,1,blue,2,0.96466"));
  g_assert_true(lines[2].starts_with("\"" + path + "\",,,2,red,0,0.01766"));
  g_assert_true(lines[3].starts_with("\"" + path + "\",,,3,green,1,0.01766"));
}

void test_a_folder_is_searched_in_the_order_of_names() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "b.ppm", 255, 0, 0);
  write_picture(folder / "a/c.PPM", 0, 255, 0);
  write_picture(folder / "c.ppm", 0, 0, 255);
  support::write_file(folder / "notes.txt", "no picture, and not asked for");

  const auto outcome = run_well({"predict", "--model-file", model.bundle(),
                                 "--format", "json", folder.path()});

  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 3);
  g_assert_true(lines[0]["top"][0]["label"] == "green");
  g_assert_true(lines[1]["top"][0]["label"] == "red");
  g_assert_true(lines[2]["top"][0]["label"] == "blue");
}

void test_more_classes_than_there_are_is_all_of_them() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), "--format", "json",
                "--top-k", "1000", folder / "a.ppm"});

  g_assert_cmpuint(json_lines(outcome.out).at(0)["top"].size(), ==, 3);
}

void test_another_labels_file_renames_the_classes() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);
  support::write_file(folder / "names.txt", "rot\ngr\xC3\xBCn\nblau\n");

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), "--format", "json",
                "--labels-file", folder / "names.txt", folder / "a.ppm"});

  g_assert_true(json_lines(outcome.out).at(0)["top"][0]["label"] == "rot");
}

void test_a_precision_gives_nearly_the_same(gconstpointer name) {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a.ppm", 255, 0, 0);

  const auto outcome =
      run_well({"predict", "--model-file", model.bundle(), "--format", "json",
                "--precision", static_cast<const char*>(name), "--workers", "1",
                "--batch-size", "2", "--device", "cpu", folder / "a.ppm"});

  const Json best = json_lines(outcome.out).at(0)["top"][0];
  g_assert_true(best["label"] == "red");
  g_assert_cmpfloat_with_epsilon(best["confidence"].get<double>(),
                                 ColorModel::kPlain, 0.01);
}

// Quotes, a line feed and bytes that are not UTF-8.
void test_a_hostile_name_stays_one_line_of_json() {
  const auto& model = ColorModel::shared();
  const TemporaryFolder folder;
  write_picture(folder / "a\xFF\"\n\x01.ppm", 255, 0, 0);

  const auto outcome = run_well({"predict", "--model-file", model.bundle(),
                                 "--format", "json", folder.path()});

  const auto lines = json_lines(outcome.out);
  g_assert_cmpuint(lines.size(), ==, 1);
  const auto path = lines[0]["path"].get<std::string>();
  g_assert_true(path.ends_with("/a\xEF\xBF\xBD\"\n\x01.ppm"));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/program/predict/text-names-the-best-class",
                  test_text_names_the_best_class);
  g_test_add_func("/program/predict/json-holds-path-top-and-logits",
                  test_json_holds_path_top_and_logits);
  g_test_add_func("/program/predict/csv-has-a-line-for-each-class",
                  test_csv_has_a_line_for_each_class);
  g_test_add_func("/program/predict/a-folder-is-searched-in-the-order-of-names",
                  test_a_folder_is_searched_in_the_order_of_names);
  g_test_add_func("/program/predict/more-classes-than-there-are-is-all-of-them",
                  test_more_classes_than_there_are_is_all_of_them);
  g_test_add_func("/program/predict/another-labels-file-renames-the-classes",
                  test_another_labels_file_renames_the_classes);
  for (const char* name : {"auto", "fp32", "bf16", "fp16"}) {
    g_autofree char* path = g_strdup_printf(
        "/program/predict/a-precision-gives-nearly-the-same/%s", name);
    g_test_add_data_func(path, name, test_a_precision_gives_nearly_the_same);
  }
  g_test_add_func("/program/predict/a-hostile-name-stays-one-line-of-json",
                  test_a_hostile_name_stays_one_line_of_json);
  return g_test_run();
}
