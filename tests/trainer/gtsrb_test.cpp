// SPDX-License-Identifier: LGPL-2.1-or-later
// The German traffic signs, as published and as Kaggle has them.
#include "torchclassify/train/dataset.h"

#include <glib.h>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "trainer/made_sets.h"
#include "trainer/written_archive.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::kPixel;
using support::TemporaryFolder;
using support::write_file;
using support::write_nested;
using torchclassify::ErrorCode;
using torchclassify::open_dataset;
using torchclassify::Split;

const std::string kHeader =
    "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\r\n";

void test_gtsrb_is_read_as_published() {
  const TemporaryFolder folder;
  const fs::path images = folder / "GTSRB/Final_Training/Images";
  write_nested(images / "00014/00002_00007.ppm", kPixel);
  write_file(images / "00014/GT-00014.csv",
             kHeader + "00002_00007.ppm;1;1;0;0;1;1;14\r\n");
  write_file(folder / "GTSRB/signnames.csv",
             "ClassId,SignName\n14,\"Stop, halt\"\n");

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  g_assert_cmpuint(set->size(), ==, 1);
  g_assert_cmpuint(set->classes().size(), ==, 43);
  g_assert_cmpint(set->label(0), ==, 14);
  g_assert_true(set->group(0) == "00014/00002");
  g_assert_true(set->classes()[14] == "Stop, halt");
  g_assert_true(set->classes()[42] == "00042");
}

void test_gtsrb_is_read_as_kaggle_has_it() {
  const TemporaryFolder folder;
  write_nested(folder / "Train/7/00007_00003_00029.ppm", kPixel);
  write_nested(folder / "Test/00000.ppm", kPixel);
  write_file(folder / "Train.csv",
             "Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path\n"
             "1,1,0,0,1,1,7,Train/7/00007_00003_00029.ppm\n");
  write_file(folder / "Test.csv", "ClassId,Path\n16,Test/00000.ppm\n");

  const auto train = open_dataset(folder.path(), "", Split::kTrain);
  const auto test = open_dataset(folder.path(), "gtsrb", Split::kTest);

  g_assert_cmpint(train->label(0), ==, 7);
  g_assert_true(train->group(0) == "00007/00007_00003");
  g_assert_cmpint(test->label(0), ==, 16);
  g_assert_cmpint(test->picture(0).width, ==, 1);
}

struct BadCsv {
  const char* name;
  const char* content;
  const char* word;
};

const BadCsv kBadCsv[] = {
    {"empty", "", "header"},
    {"no-rows", "ClassId,Path\n", "got none"},
    {"no-class-column", "Class,Path\n1,Test/0.ppm\n", "ClassId"},
    {"missing-file", "ClassId,Path\n1,Test/1.ppm\n", "Test/1.ppm"},
    {"class-beyond-43", "ClassId,Path\n43,Test/0.ppm\n", "\"43\""},
    {"negative-class", "ClassId,Path\n-1,Test/0.ppm\n", "\"-1\""},
    {"class-in-words", "ClassId,Path\nstop,Test/0.ppm\n", "line 2"},
    {"class-with-a-tail", "ClassId,Path\n\n1x,Test/0.ppm\n", "line 3"},
    {"too-few-fields", "ClassId,Path\n1\n", "2 fields"},
    {"too-many-fields", "ClassId,Path\n1,Test/0.ppm,9\n", "2 fields"},
    {"path-out-of-the-set", "ClassId,Path\n1,Test/../../0.ppm\n", "inside"},
    {"absolute-path", "ClassId,Path\n1,/etc/passwd\n", "inside"},
    {"path-to-a-folder", "ClassId,Path\n1,Test\n", "a picture"},
};

void test_a_bad_csv_file_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadCsv*>(data);
  const TemporaryFolder folder;
  write_nested(folder / "Test/0.ppm", kPixel);
  write_file(folder / "Test.csv", bad.content);

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "gtsrb", Split::kTest); }, bad.word);
}

void test_gtsrb_without_its_table_is_refused() {
  const TemporaryFolder folder;
  write_nested(folder / "Final_Training/Images/00000/00000_00000.ppm", kPixel);

  expect_error(
      ErrorCode::kNotFound,
      [&] { open_dataset(folder.path(), "", Split::kTrain); }, "GT-00000.csv");
}

void test_gtsrb_has_no_validation_part() {
  const TemporaryFolder folder;

  expect_error(ErrorCode::kNotFound, [&] {
    open_dataset(folder.path(), "gtsrb", Split::kValidation);
  });
}

void test_gtsrb_is_read_from_an_archive() {
  const TemporaryFolder folder;
  const std::string images = "GTSRB/Final_Training/Images/00014/";
  support::write_archive(folder / "gtsrb.tar.gz",
                         {{images + "00002_00007.ppm", kPixel},
                          {images + "GT-00014.csv",
                           kHeader + "00002_00007.ppm;1;1;0;0;1;1;14\r\n"}},
                         {.compressed = true});

  const auto set = open_dataset(folder / "gtsrb.tar.gz", "", Split::kTrain);

  g_assert_cmpuint(set->size(), ==, 1);
  g_assert_cmpint(set->label(0), ==, 14);
  g_assert_cmpint(set->picture(0).pixels.at(0), ==, 0x10);
}

void test_the_real_signs_open() {
  const fs::path path = support::real_data_or_skip("gtsrb-mini.tar.xz");
  if (path.empty())
    return;

  const auto train = open_dataset(path, "", Split::kTrain);
  const auto test = open_dataset(path, "", Split::kTest);

  g_assert_cmpuint(train->size(), ==, 860);
  g_assert_cmpuint(test->size(), ==, 258);
  g_assert_cmpstr(train->classes()[14].c_str(), ==, "Stop");
  g_assert_cmpint(train->picture(859).width, ==, 49);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/gtsrb/gtsrb-is-read-as-published",
                  test_gtsrb_is_read_as_published);
  g_test_add_func("/gtsrb/gtsrb-is-read-as-kaggle-has-it",
                  test_gtsrb_is_read_as_kaggle_has_it);
  support::add_rows("/gtsrb/a-bad-csv-file-is-refused", kBadCsv,
                    test_a_bad_csv_file_is_refused);
  g_test_add_func("/gtsrb/gtsrb-without-its-table-is-refused",
                  test_gtsrb_without_its_table_is_refused);
  g_test_add_func("/gtsrb/gtsrb-has-no-validation-part",
                  test_gtsrb_has_no_validation_part);
  g_test_add_func("/gtsrb/gtsrb-is-read-from-an-archive",
                  test_gtsrb_is_read_from_an_archive);
  g_test_add_func("/gtsrb/the-real-signs-open", test_the_real_signs_open);
  return g_test_run();
}
