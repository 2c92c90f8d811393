// SPDX-License-Identifier: LGPL-2.1-or-later
// MNIST and its siblings, whole and damaged.
#include "torchclassify/train/dataset.h"

#include <glib.h>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "trainer/made_sets.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::idx;
using support::TemporaryFolder;
using support::write_file;
using support::write_gzip;
using torchclassify::ErrorCode;
using torchclassify::open_dataset;
using torchclassify::Split;

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

struct Sibling {
  const char* name;
  const char* folder;
  const char* prefix;
  const char* test_part;
  int first_label;
  std::size_t classes;
  const char* first_class;
  const char* last_class;
};

constexpr Sibling kSiblings[] = {
    {"mnist", "MNIST/raw/", "", "t10k", 0, 10, "0", "9"},
    {"fashion", "FashionMNIST/raw/", "", "t10k", 0, 10, "T-shirt/top",
     "Ankle boot"},
    {"kmnist", "KMNIST/raw/", "", "t10k", 0, 10, "o", "wo"},
    {"letters", "gzip/", "emnist-letters-", "test", 1, 26, "a", "z"},
    {"balanced", "", "emnist-balanced-", "test", 0, 47, "0", "t"},
    {"by-class", "", "emnist-byclass-", "test", 0, 62, "0", "z"},
    {"emnist-digits", "EMNIST/raw/", "emnist-digits-", "test", 0, 10, "0", "9"},
};

void test_each_sibling_has_its_classes(gconstpointer data) {
  const auto& sibling = *static_cast<const Sibling*>(data);
  const TemporaryFolder folder;
  const std::string stem =
      std::string(sibling.folder) + sibling.prefix + sibling.test_part;
  const std::string labels{static_cast<char>(sibling.first_label),
                           static_cast<char>(sibling.first_label + 9)};
  support::write_nested(folder / (stem + "-images-idx3-ubyte"), kTwoImages);
  support::write_nested(folder / (stem + "-labels-idx1-ubyte"),
                        idx({2}, labels));

  const auto set = open_dataset(folder.path(), "", Split::kTest);

  g_assert_cmpuint(set->classes().size(), ==, sibling.classes);
  g_assert_cmpstr(set->classes().front().c_str(), ==, sibling.first_class);
  g_assert_cmpstr(set->classes().back().c_str(), ==, sibling.last_class);
  g_assert_cmpint(set->label(0), ==, 0);
  g_assert_cmpint(set->label(1), ==, 9);
  g_assert_true(torchclassify::has_validation(folder.path(), ""));
}

void write_letters(const TemporaryFolder& folder, const std::string& labels) {
  write_file(folder / "emnist-letters-train-images-idx3-ubyte",
             idx({1, 2, 3}, "abcdef"));
  write_file(folder / "emnist-letters-train-labels-idx1-ubyte",
             idx({1}, labels));
}

void test_emnist_is_turned_upright() {
  const TemporaryFolder folder;
  write_letters(folder, "\x02");

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  const auto picture = set->picture(0);
  g_assert_cmpint(picture.width, ==, 2);
  g_assert_cmpint(picture.height, ==, 3);
  g_assert_true(std::string(picture.pixels.begin(), picture.pixels.end()) ==
                "adbecf");
  g_assert_cmpint(set->label(0), ==, 1);
  g_assert_false(torchclassify::has_validation(folder.path(), ""));
}

void test_a_label_that_is_no_letter_is_refused() {
  for (const char label : {'\0', '\x1b'}) {
    const TemporaryFolder folder;
    write_letters(folder, std::string(1, label));

    expect_error(
        ErrorCode::kBadData,
        [&] { open_dataset(folder.path(), "", Split::kTrain); }, "1 to 26",
        "labels-idx1");
  }
}

void test_two_sets_in_a_folder_are_told_apart_by_a_file() {
  const TemporaryFolder folder;
  write_letters(folder, "\x02");
  write_file(folder / "emnist-mnist-train-images-idx3-ubyte", kTwoImages);
  write_file(folder / "emnist-mnist-train-labels-idx1-ubyte", kTwoLabels);

  const auto set = open_dataset(folder / "emnist-mnist-train-images-idx3-ubyte",
                                "", Split::kTrain);

  g_assert_cmpuint(set->size(), ==, 2);
  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "", Split::kTrain); }, "emnist-letters",
      "emnist-mnist");
}

void test_a_folder_without_idx_files_is_not_found() {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kNotFound,
      [&] { open_dataset(folder.path(), "mnist", Split::kTrain); },
      "train-images-idx3-ubyte");
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
  g_test_add_func("/mnist/idx-files-are-read-plain-and-compressed",
                  test_idx_files_are_read_plain_and_compressed);
  support::add_rows("/mnist/a-bad-idx-file-is-refused", kBadIdx,
                    test_a_bad_idx_file_is_refused);
  g_test_add_func(
      "/mnist/a-compressed-idx-file-cannot-claim-more-than-gzip-can-hold",
      test_a_compressed_idx_file_cannot_claim_more_than_gzip_can_hold);
  g_test_add_func("/mnist/damaged-gzip-is-refused",
                  test_damaged_gzip_is_refused);
  g_test_add_func("/mnist/missing-labels-are-named",
                  test_missing_labels_are_named);
  support::add_rows("/mnist/each-sibling-has-its-classes", kSiblings,
                    test_each_sibling_has_its_classes);
  g_test_add_func("/mnist/emnist-is-turned-upright",
                  test_emnist_is_turned_upright);
  g_test_add_func("/mnist/a-label-that-is-no-letter-is-refused",
                  test_a_label_that_is_no_letter_is_refused);
  g_test_add_func("/mnist/two-sets-in-a-folder-are-told-apart-by-a-file",
                  test_two_sets_in_a_folder_are_told_apart_by_a_file);
  g_test_add_func("/mnist/a-folder-without-idx-files-is-not-found",
                  test_a_folder_without_idx_files_is_not_found);
  g_test_add_func("/mnist/real-mnist-opens", test_real_mnist_opens);
  return g_test_run();
}
