// SPDX-License-Identifier: LGPL-2.1-or-later
// Folders of pictures, and how layouts are told apart.
#include "torchclassify/train/dataset.h"

#include <glib.h>

#include <algorithm>

#include "data/wordnet.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "trainer/made_sets.h"

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

void test_folders_become_classes_in_name_order() {
  const TemporaryFolder folder;
  write_nested(folder / "bee/2.ppm", kPixel);
  write_nested(folder / "bee/deeper/1.PPM", kPixel);
  write_nested(folder / "ant/1.ppm", kPixel);
  write_nested(folder / "ant/notes.txt", "not a picture");
  write_file(folder / "loose.ppm", kPixel);

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  g_assert_true(set->classes() == std::vector<std::string>({"ant", "bee"}));
  g_assert_cmpuint(set->size(), ==, 3);
  g_assert_cmpint(set->label(0), ==, 0);
  g_assert_cmpint(set->label(2), ==, 1);
  g_assert_false(torchclassify::has_validation(folder.path(), ""));
}

void test_parts_of_a_folder_are_kept_apart() {
  const TemporaryFolder folder;
  write_nested(folder / "train/ant/1.ppm", kPixel);
  write_nested(folder / "val/ant/2.ppm", kPixel);
  write_nested(folder / "test/ant/3.ppm", kPixel);

  const auto train = open_dataset(folder.path(), "", Split::kTrain);
  const auto validation = open_dataset(folder.path(), "", Split::kValidation);
  const auto test = open_dataset(folder.path(), "", Split::kTest);

  g_assert_true(train->name(0).ends_with("1.ppm"));
  g_assert_true(validation->name(0).ends_with("2.ppm"));
  g_assert_true(test->name(0).ends_with("3.ppm"));
}

void test_an_empty_folder_is_refused() {
  const TemporaryFolder folder;
  fs::create_directories(folder / "ant");

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "", Split::kTrain); },
      folder.path().c_str());
}

void test_an_unreadable_picture_is_named() {
  const TemporaryFolder folder;
  write_nested(folder / "ant/broken.ppm", "P6 1000 1000 255\n");
  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  expect_error(
      ErrorCode::kBadData, [&] { set->picture(0); }, "broken.ppm");
}

void test_a_missing_folder_is_refused() {
  expect_error(
      ErrorCode::kNotFound,
      [] { open_dataset("/nonexistent", "", Split::kTrain); }, "/nonexistent");
}

void test_an_unknown_layout_is_refused() {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { open_dataset(folder.path(), "coco", Split::kTrain); }, "coco",
      "imagefolder, mnist, cifar, gtsrb, manifest");
}

void test_wordnet_ids_become_names() {
  const TemporaryFolder folder;
  write_nested(folder / "train/n01443537/1.ppm", kPixel);
  write_nested(folder / "train/n01440764/2.ppm", kPixel);
  write_nested(folder / "train/n15075141/3.ppm", kPixel);
  write_nested(folder / "val/n01440764/4.ppm", kPixel);

  const auto train = open_dataset(folder.path(), "", Split::kTrain);
  const auto validation = open_dataset(folder.path(), "", Split::kValidation);

  g_assert_true(
      train->classes() ==
      std::vector<std::string>({"tench", "goldfish", "toilet tissue"}));
  g_assert_true(validation->classes() == std::vector<std::string>({"tench"}));
}

void test_ids_beyond_imagenet_stay_as_they_are() {
  const TemporaryFolder folder;
  write_nested(folder / "n01440764/1.ppm", kPixel);
  write_nested(folder / "n00000001/2.ppm", kPixel);

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  g_assert_true(set->classes() ==
                std::vector<std::string>({"n00000001", "n01440764"}));
}

// Its pictures are named by id and name.
void test_real_names_match_their_ids() {
  const fs::path path = support::real_data_or_skip("imagenet-mini");
  if (path.empty())
    return;
  int checked = 0;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() != ".jpg")
      continue;
    auto names = torchclassify::imagenet_names({stem.substr(0, 9)});
    g_assert_true(names.has_value());
    std::replace(names->at(0).begin(), names->at(0).end(), ' ', '_');
    g_assert_cmpstr(names->at(0).c_str(), ==, stem.c_str() + 10);
    ++checked;
  }
  g_assert_cmpint(checked, ==, 50);
}

void test_a_folder_around_the_set_is_looked_through() {
  const TemporaryFolder folder;
  write_nested(folder / "signs-1.0/train/ant/1.ppm", kPixel);
  write_nested(folder / "signs-1.0/valid/ant/2.ppm", kPixel);

  const auto set = open_dataset(folder.path(), "", Split::kValidation);

  g_assert_true(set->name(0).ends_with("valid/ant/2.ppm"));
  g_assert_true(torchclassify::has_validation(folder.path(), ""));
}

void test_a_lone_class_is_no_folder_around_the_set() {
  const TemporaryFolder folder;
  write_nested(folder / "ant/1.ppm", kPixel);
  write_nested(folder / "ant/more/2.ppm", kPixel);

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  g_assert_true(set->classes() == std::vector<std::string>({"ant"}));
  g_assert_cmpuint(set->size(), ==, 2);
}

struct Laid {
  const char* name;
  const char* file;
  const char* layout;
};

constexpr Laid kLaid[] = {
    {"imagefolder", "ant/1.ppm", "imagefolder"},
    {"empty", "notes.txt", "imagefolder"},
    {"mnist", "train-images-idx3-ubyte.gz", "mnist"},
    {"torchvision-mnist", "MNIST/raw/t10k-images-idx3-ubyte", "mnist"},
    {"emnist", "emnist-letters-test-images-idx3-ubyte.gz", "mnist"},
    {"gtsrb", "GTSRB/Final_Training/Images/00000/GT-00000.csv", "gtsrb"},
    {"kaggle-gtsrb", "Train.csv", "gtsrb"},
    {"manifest", "manifest.csv", "manifest"},
};

void test_a_layout_is_known_by_its_files(gconstpointer data) {
  const auto& laid = *static_cast<const Laid*>(data);
  const TemporaryFolder folder;
  write_nested(folder / laid.file, "");

  const std::string layout = torchclassify::detect_layout(folder.path());

  g_assert_cmpstr(layout.c_str(), ==, laid.layout);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/dataset/folders-become-classes-in-name-order",
                  test_folders_become_classes_in_name_order);
  g_test_add_func("/dataset/parts-of-a-folder-are-kept-apart",
                  test_parts_of_a_folder_are_kept_apart);
  g_test_add_func("/dataset/an-empty-folder-is-refused",
                  test_an_empty_folder_is_refused);
  g_test_add_func("/dataset/an-unreadable-picture-is-named",
                  test_an_unreadable_picture_is_named);
  g_test_add_func("/dataset/a-missing-folder-is-refused",
                  test_a_missing_folder_is_refused);
  g_test_add_func("/dataset/an-unknown-layout-is-refused",
                  test_an_unknown_layout_is_refused);
  g_test_add_func("/dataset/wordnet-ids-become-names",
                  test_wordnet_ids_become_names);
  g_test_add_func("/dataset/ids-beyond-imagenet-stay-as-they-are",
                  test_ids_beyond_imagenet_stay_as_they_are);
  g_test_add_func("/dataset/real-names-match-their-ids",
                  test_real_names_match_their_ids);
  g_test_add_func("/dataset/a-folder-around-the-set-is-looked-through",
                  test_a_folder_around_the_set_is_looked_through);
  g_test_add_func("/dataset/a-lone-class-is-no-folder-around-the-set",
                  test_a_lone_class_is_no_folder_around_the_set);
  support::add_rows("/dataset/a-layout-is-known-by-its-files", kLaid,
                    test_a_layout_is_known_by_its_files);
  return g_test_run();
}
