// SPDX-License-Identifier: LGPL-2.1-or-later
// Manifests: CSV files that name pictures and their labels.
#include <glib.h>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset.h"
#include "trainer/made_sets.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::kPixel;
using support::TemporaryFolder;
using support::write_file;
using torchclassify::Dataset;
using torchclassify::ErrorCode;
using torchclassify::open_dataset;
using torchclassify::Split;

using Names = std::vector<std::string>;

// 3 x 2 pixels: abc def ghi / jkl mno pqr.
const std::string kSix = "P6 3 2 255\nabcdefghijklmnopqr";

// A manifest beside a.ppm, "b, c.ppm" and six.ppm.
class MadeManifest {
 public:
  explicit MadeManifest(const std::string& csv) {
    write_file(folder_ / "a.ppm", kPixel);
    write_file(folder_ / "b, c.ppm", kPixel);
    write_file(folder_ / "six.ppm", kSix);
    write_file(path(), csv);
  }
  fs::path path() const { return folder_ / "set.csv"; }
  std::unique_ptr<Dataset> open(Split split) const {
    return open_dataset(path(), "", split);
  }

 private:
  TemporaryFolder folder_;
};

void test_names_and_labels_are_read() {
  const MadeManifest made(
      "\xef\xbb\xbflabel,note,path\r\n"
      "\"the \"\"big\"\" one,\nfolded\",x,a.ppm\r\n"
      "\r\n"
      "ant,,\"b, c.ppm\"");

  const auto set = made.open(Split::kTrain);

  g_assert_true(set->classes() == Names({"ant", "the \"big\" one,\nfolded"}));
  g_assert_cmpuint(set->size(), ==, 2);
  g_assert_cmpint(set->label(0), ==, 1);
  g_assert_true(set->name(1).ends_with("b, c.ppm"));
  g_assert_true(set->group(1) == set->name(1));
  g_assert_false(set->multi_label());
  g_assert_cmpint(set->picture(1).pixels.at(0), ==, 0x10);
}

void test_numbers_are_sorted_as_numbers() {
  const MadeManifest made("path,label\na.ppm,10\na.ppm,9\na.ppm,0\n");

  const auto set = made.open(Split::kTrain);

  g_assert_true(set->classes() == Names({"0", "9", "10"}));
  g_assert_cmpint(set->label(0), ==, 2);
}

void test_the_split_column_parts_the_set() {
  const MadeManifest made(
      "path,label,split\na.ppm,x,train\nsix.ppm,y,val\na.ppm,z,train\n");

  const auto train = made.open(Split::kTrain);
  const auto validation = made.open(Split::kValidation);

  g_assert_cmpuint(train->size(), ==, 2);
  g_assert_cmpuint(validation->size(), ==, 1);
  g_assert_true(train->classes() == Names({"x", "y", "z"}));
  g_assert_true(validation->classes() == train->classes());
  g_assert_true(torchclassify::has_validation(made.path(), ""));
  expect_error(
      ErrorCode::kNotFound, [&] { made.open(Split::kTest); }, "set.csv");
}

void test_without_a_split_column_all_is_training_and_test() {
  const MadeManifest made("path,label\na.ppm,x\n");

  g_assert_cmpuint(made.open(Split::kTrain)->size(), ==, 1);
  g_assert_cmpuint(made.open(Split::kTest)->size(), ==, 1);
  g_assert_false(torchclassify::has_validation(made.path(), ""));
  expect_error(
      ErrorCode::kNotFound, [&] { made.open(Split::kValidation); }, "set.csv");
}

void test_bars_separate_several_labels() {
  const MadeManifest made(
      "path,label\na.ppm,dog|cat|dog\na.ppm,\na.ppm,bird\n");

  const auto set = made.open(Split::kTrain);

  g_assert_true(set->multi_label());
  g_assert_true(set->classes() == Names({"bird", "cat", "dog"}));
  g_assert_true(set->labels(0) == std::vector<int>({1, 2}));
  g_assert_cmpint(set->label(0), ==, 1);
  g_assert_true(set->labels(1).empty());
  g_assert_cmpint(set->label(1), ==, -1);
}

struct Sides {
  const char* name;
  const char* columns;
};

constexpr Sides kSides[] = {{"long", "x,y,width,height"}, {"short", "x,y,w,h"}};

void test_a_region_is_cut_out(gconstpointer data) {
  const std::string columns = static_cast<const Sides*>(data)->columns;
  const MadeManifest made("path,label,group," + columns +
                          "\nsix.ppm,x,,1,0,2,1\nsix.ppm,x,,2,1,1,1\n"
                          "six.ppm,x,g7,,,,\n");

  const auto set = made.open(Split::kTrain);

  const auto part = set->picture(0);
  g_assert_cmpint(part.width, ==, 2);
  g_assert_cmpint(part.height, ==, 1);
  g_assert_true(std::string(part.pixels.begin(), part.pixels.end()) ==
                "defghi");
  g_assert_cmpint(set->picture(1).pixels.at(0), ==, 'p');
  g_assert_cmpint(set->picture(2).width, ==, 3);
  g_assert_true(set->name(0).ends_with("six.ppm[1,0,2x1]"));
  g_assert_true(set->group(0).ends_with("six.ppm"));
  g_assert_true(set->group(2) == "g7");
  g_assert_false(set->encoded(0).has_value());
  g_assert_true(set->encoded(2).has_value());
}

void test_a_region_beyond_the_picture_is_refused() {
  const MadeManifest made(
      "path,label,x,y,w,h\nsix.ppm,x,2,0,2,1\nsix.ppm,x,0,1,1,2\n");
  const auto set = made.open(Split::kTrain);

  for (const std::size_t index : {0u, 1u})
    expect_error(
        ErrorCode::kBadData, [&] { set->picture(index); }, "inside 3x2",
        "six.ppm", index == 0 ? "set.csv line 2" : "set.csv line 3");
}

struct BadManifest {
  const char* name;
  const char* content;
  const char* word;
};

constexpr BadManifest kBad[] = {
    {"empty", "", "header"},
    {"only-a-header", "path,label\n", "got none"},
    {"no-path", "file,label\na.ppm,x\n", "\"path\""},
    {"no-label", "path,lable\na.ppm,x\n", "\"label\""},
    {"absent-picture", "path,label\na.ppm,x\nz.ppm,x\n", "line 3"},
    {"folder-for-a-picture", "path,label\n.,x\n", "line 2"},
    {"unlabelled", "path,label\na.ppm,\n", "a label"},
    {"nothing-between-bars", "path,label\na.ppm,x||y\n", "bars"},
    {"ends-in-a-bar", "path,label\na.ppm,x|\n", "bars"},
    {"unknown-split", "path,label,split\na.ppm,x,Train\n", "\"Train\""},
    {"half-a-region", "path,label,x,y\na.ppm,x,0,0\n", "got 2"},
    {"region-with-a-gap", "path,label,x,y,w,h\na.ppm,x,0,,1,1\n", "line 2"},
    {"negative-region", "path,label,x,y,w,h\na.ppm,x,-1,0,1,1\n", "\"-1\""},
    {"flat-region", "path,label,x,y,w,h\na.ppm,x,0,0,1,0\n", "1x0"},
    {"huge-region", "path,label,x,y,w,h\na.ppm,x,0,0,4000000000,1\n",
     "4000000000"},
    {"fraction", "path,label,x,y,w,h\na.ppm,x,0.5,0,1,1\n", "\"0.5\""},
    {"too-few-fields", "path,label\na.ppm\n", "2 fields, got 1"},
    {"too-many-fields", "path,label\na.ppm,x,\n", "2 fields, got 3"},
    {"open-quotes", "path,label\n\"a.ppm,x\n", "quotes"},
    {"text-after-quotes", "path,label\n\"a\".ppm,x\n", "quotes"},
};

void test_a_bad_manifest_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadManifest*>(data);
  const MadeManifest made(bad.content);

  expect_error(
      ErrorCode::kBadData, [&] { made.open(Split::kTrain); }, bad.word,
      "set.csv");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/manifest/names-and-labels-are-read",
                  test_names_and_labels_are_read);
  g_test_add_func("/manifest/numbers-are-sorted-as-numbers",
                  test_numbers_are_sorted_as_numbers);
  g_test_add_func("/manifest/the-split-column-parts-the-set",
                  test_the_split_column_parts_the_set);
  g_test_add_func("/manifest/without-a-split-column-all-is-training-and-test",
                  test_without_a_split_column_all_is_training_and_test);
  g_test_add_func("/manifest/bars-separate-several-labels",
                  test_bars_separate_several_labels);
  support::add_rows("/manifest/a-region-is-cut-out", kSides,
                    test_a_region_is_cut_out);
  g_test_add_func("/manifest/a-region-beyond-the-picture-is-refused",
                  test_a_region_beyond_the_picture_is_refused);
  support::add_rows("/manifest/a-bad-manifest-is-refused", kBad,
                    test_a_bad_manifest_is_refused);
  return g_test_run();
}
