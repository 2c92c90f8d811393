// SPDX-License-Identifier: LGPL-2.1-or-later
// Data sets made on the spot, whole and damaged.
#include "torchclassify/train/dataset.h"

#include <glib.h>
#include <zlib.h>

#include <cmath>
#include <set>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::TemporaryFolder;
using support::write_file;
using torchclassify::ErrorCode;
using torchclassify::open_dataset;
using torchclassify::Split;

const std::string kPixel = std::string("P6 1 1 255\n") + "\x10\x20\x30";

void write_nested(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  write_file(path, content);
}

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string idx(const std::vector<std::uint32_t>& shape,
                const std::string& values) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(shape.size())};
  for (const std::uint32_t side : shape) bytes += big_endian(side);
  return bytes + values;
}

void write_gzip(const fs::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  g_assert_nonnull(file);
  g_assert_cmpint(
      gzwrite(file, content.data(), static_cast<unsigned>(content.size())), ==,
      static_cast<int>(content.size()));
  gzclose(file);
}

// Two pictures of 2 x 1 pixels, labelled 3 and 1.
const std::string kTwoImages = idx({2, 1, 2}, "abcd");
const std::string kTwoLabels = idx({2}, "\x03\x01");

void test_idx_files_are_read_plain_and_compressed() {
  const TemporaryFolder folder;
  write_file(folder / "train-images-idx3-ubyte", kTwoImages);
  write_gzip(folder / "train-labels-idx1-ubyte.gz", kTwoLabels);

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  g_assert_cmpuint(set->size(), ==, 2);
  g_assert_cmpuint(set->classes().size(), ==, 10);
  g_assert_cmpint(set->label(0), ==, 3);
  const auto picture = set->picture(1);
  g_assert_cmpint(picture.width, ==, 2);
  g_assert_cmpint(picture.height, ==, 1);
  g_assert_cmpint(picture.channels, ==, 1);
  g_assert_cmpint(picture.pixels.at(0), ==, 'c');
  g_assert_true(set->name(1).ends_with("train-images-idx3-ubyte[1]"));
}

struct BadIdx {
  const char* name;
  std::string images;
  std::string labels;
  const char* word;
};

const BadIdx kBadIdx[] = {
    {"empty", "", kTwoLabels, "header"},
    {"bad-magic", "\x89PNG" + kTwoImages, kTwoLabels, "magic"},
    {"floats", std::string("\0\0\x0d\x03", 4) + kTwoImages.substr(4),
     kTwoLabels, "magic"},
    {"wrong-dimensions", kTwoLabels, kTwoLabels, "3 dimensions"},
    {"header-cut-short", kTwoImages.substr(0, 10), kTwoLabels, "sizes"},
    {"truncated", kTwoImages.substr(0, kTwoImages.size() - 1), kTwoLabels,
     "4 values, got 3"},
    {"longer-than-it-says", kTwoImages + "e", kTwoLabels, "got more"},
    {"lying-count", idx({4000000000u, 28, 28}, "abcd"), kTwoLabels, "at most"},
    {"overflowing-count", idx({1u << 31, 1u << 31, 1u << 31}, "abcd"),
     kTwoLabels, "at most"},
    {"no-pictures", idx({0, 28, 28}, ""), idx({0}, ""), "got none"},
    {"more-labels-than-pictures", kTwoImages, idx({3}, "abc"), "2 labels"},
};

void test_a_bad_idx_file_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadIdx*>(data);
  const TemporaryFolder folder;
  write_file(folder / "train-images-idx3-ubyte", bad.images);
  write_file(folder / "train-labels-idx1-ubyte", bad.labels);

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "mnist", Split::kTrain); }, bad.word,
      "train-");
}

// 100 bytes of gzip that claim 900 million values.
void test_a_compressed_idx_file_cannot_claim_more_than_gzip_can_hold() {
  const TemporaryFolder folder;
  write_gzip(folder / "train-images-idx3-ubyte.gz",
             idx({900000, 1000, 1}, std::string(50000, 'a')));
  write_gzip(folder / "train-labels-idx1-ubyte.gz", kTwoLabels);

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "mnist", Split::kTrain); }, "at most");
}

void test_damaged_gzip_is_refused() {
  const TemporaryFolder folder;
  const fs::path path = folder / "train-images-idx3-ubyte.gz";
  write_gzip(path, idx({100, 10, 10}, std::string(10000, 'a')));
  fs::resize_file(path, fs::file_size(path) / 2);
  write_gzip(folder / "train-labels-idx1-ubyte.gz", kTwoLabels);

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "mnist", Split::kTrain); }, "gz");
}

void test_missing_labels_are_named() {
  const TemporaryFolder folder;
  write_file(folder / "t10k-images-idx3-ubyte", kTwoImages);

  expect_error(
      ErrorCode::kNotFound,
      [&] { open_dataset(folder.path(), "mnist", Split::kTest); },
      "t10k-labels-idx1-ubyte");
}

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
      [&] { open_dataset(folder.path(), "coco", Split::kTrain); }, "coco");
}

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

// Class c has c + 1 groups of 5 pictures.
class GroupedSet : public torchclassify::Dataset {
 public:
  GroupedSet() {
    for (int label = 0; label < 6; ++label) {
      classes_.push_back(std::to_string(label));
      for (int group = 0; group <= label; ++group)
        for (int frame = 0; frame < 5; ++frame)
          pictures_.emplace_back(label, group);
    }
  }
  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return pictures_.size(); }
  int label(std::size_t i) const override { return pictures_[i].first; }
  std::string name(std::size_t i) const override { return std::to_string(i); }
  std::string group(std::size_t i) const override {
    return classes_[static_cast<std::size_t>(label(i))] + "/" +
           std::to_string(pictures_[i].second);
  }
  torchclassify::Picture picture(std::size_t) const override { return {}; }

 private:
  std::vector<std::string> classes_;
  std::vector<std::pair<int, int>> pictures_;
};

void test_a_split_never_parts_a_group() {
  const GroupedSet set;

  for (const double share : {0.01, 0.2, 0.5, 1.0}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto split = split_by_group(set, share, seed);

      std::set<std::string> groups;
      std::set<int> train, validation;
      for (const std::size_t i : split.train) {
        groups.insert(set.group(i));
        train.insert(set.label(i));
      }
      for (const std::size_t i : split.validation) {
        g_assert_false(groups.contains(set.group(i)));
        validation.insert(set.label(i));
      }
      g_assert_cmpuint(split.train.size() + split.validation.size(), ==,
                       set.size());
      g_assert_cmpuint(train.size(), ==, 6);
      g_assert_cmpuint(validation.size(), ==, 5);  // class 0 has one group
    }
  }
}

void test_a_split_depends_on_its_seed_alone() {
  const GroupedSet set;

  const auto one = split_by_group(set, 0.3, 1);
  const auto again = split_by_group(set, 0.3, 1);
  const auto other = split_by_group(set, 0.3, 2);

  g_assert_true(one.validation == again.validation);
  g_assert_false(one.validation == other.validation);
}

void test_a_share_of_zero_holds_nothing_out() {
  const GroupedSet set;

  const auto split = split_by_group(set, 0, 1);

  g_assert_true(split.validation.empty());
  g_assert_cmpuint(split.train.size(), ==, set.size());
}

void test_a_share_out_of_range_is_refused() {
  const GroupedSet set;

  for (const double share : {-0.1, 1.1, std::nan("")})
    expect_error(
        ErrorCode::kInvalidArgument, [&] { split_by_group(set, share, 1); },
        "share");
}

void test_real_mnist_opens() {
  const fs::path path = support::real_data_or_skip("mnist");
  if (path.empty())
    return;

  const auto set = open_dataset(path, "", Split::kTest);

  g_assert_cmpuint(set->size(), ==, 10000);
  g_assert_cmpint(set->label(0), ==, 7);
  g_assert_cmpint(set->picture(0).width, ==, 28);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/dataset/idx-files-are-read-plain-and-compressed",
                  test_idx_files_are_read_plain_and_compressed);
  support::add_rows("/dataset/a-bad-idx-file-is-refused", kBadIdx,
                    test_a_bad_idx_file_is_refused);
  g_test_add_func(
      "/dataset/a-compressed-idx-file-cannot-claim-more-than-gzip-can-hold",
      test_a_compressed_idx_file_cannot_claim_more_than_gzip_can_hold);
  g_test_add_func("/dataset/damaged-gzip-is-refused",
                  test_damaged_gzip_is_refused);
  g_test_add_func("/dataset/missing-labels-are-named",
                  test_missing_labels_are_named);
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
  g_test_add_func("/dataset/gtsrb-is-read-as-published",
                  test_gtsrb_is_read_as_published);
  g_test_add_func("/dataset/gtsrb-is-read-as-kaggle-has-it",
                  test_gtsrb_is_read_as_kaggle_has_it);
  support::add_rows("/dataset/a-bad-csv-file-is-refused", kBadCsv,
                    test_a_bad_csv_file_is_refused);
  g_test_add_func("/dataset/gtsrb-without-its-table-is-refused",
                  test_gtsrb_without_its_table_is_refused);
  g_test_add_func("/dataset/gtsrb-has-no-validation-part",
                  test_gtsrb_has_no_validation_part);
  g_test_add_func("/dataset/a-split-never-parts-a-group",
                  test_a_split_never_parts_a_group);
  g_test_add_func("/dataset/a-split-depends-on-its-seed-alone",
                  test_a_split_depends_on_its_seed_alone);
  g_test_add_func("/dataset/a-share-of-zero-holds-nothing-out",
                  test_a_share_of_zero_holds_nothing_out);
  g_test_add_func("/dataset/a-share-out-of-range-is-refused",
                  test_a_share_out_of_range_is_refused);
  g_test_add_func("/dataset/real-mnist-opens", test_real_mnist_opens);
  return g_test_run();
}
