// SPDX-License-Identifier: LGPL-2.1-or-later
// CIFAR's binary files, whole and damaged.
#include <glib.h>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset.h"
#include "trainer/made_sets.h"
#include "trainer/written_archive.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::TemporaryFolder;
using support::write_nested;
using torchclassify::ErrorCode;
using torchclassify::open_dataset;
using torchclassify::Split;

constexpr std::size_t kPlane = 32 * 32;
const std::string kNames = "airplane\nautomobile\nbird\n\n";

// A red, green and blue level in all pixels but the second, which is black.
std::string record(const std::string& labels, const std::string& levels) {
  std::string bytes = labels;
  for (const char level : levels) {
    std::string plane(kPlane, level);
    plane[1] = '\0';
    bytes += plane;
  }
  return bytes;
}

void write_cifar10(const fs::path& folder) {
  write_nested(folder / "batches.meta.txt", kNames);
  write_nested(folder / "data_batch_1.bin",
               record("\x02", "abc") + record("\x01", "def"));
  write_nested(folder / "data_batch_2.bin", record({'\0'}, "ghi"));
  write_nested(folder / "test_batch.bin", record("\x01", "jkl"));
}

struct Place {
  const char* name;
  const char* folder;
};

constexpr Place kPlaces[] = {{"itself", ""},
                             {"unpacked-archive", "cifar-10-batches-bin"}};

void test_cifar10_is_read_in_its_folder(gconstpointer data) {
  const TemporaryFolder folder;
  write_cifar10(folder / static_cast<const Place*>(data)->folder);

  const auto train = open_dataset(folder.path(), "", Split::kTrain);
  const auto test = open_dataset(folder.path(), "cifar", Split::kValidation);

  g_assert_cmpuint(train->size(), ==, 3);
  g_assert_cmpuint(train->classes().size(), ==, 3);
  g_assert_cmpstr(train->classes()[2].c_str(), ==, "bird");
  g_assert_cmpint(train->label(0), ==, 2);
  g_assert_cmpint(train->label(2), ==, 0);
  g_assert_true(train->name(2).ends_with("data_batch_2.bin[0]"));
  g_assert_cmpint(test->label(0), ==, 1);
  g_assert_true(torchclassify::has_validation(folder.path(), ""));
}

void test_planes_become_pixels() {
  const TemporaryFolder folder;
  write_cifar10(folder.path());

  const auto picture =
      open_dataset(folder.path(), "", Split::kTrain)->picture(1);

  g_assert_cmpint(picture.width, ==, 32);
  g_assert_cmpint(picture.height, ==, 32);
  g_assert_cmpuint(picture.pixels.size(), ==, 3 * kPlane);
  const std::string start(picture.pixels.begin(), picture.pixels.begin() + 9);
  g_assert_true(start == std::string("def\0\0\0def", 9));
}

void test_cifar100_has_its_fine_labels() {
  const TemporaryFolder folder;
  const fs::path inner = folder / "cifar-100-binary";
  write_nested(inner / "fine_label_names.txt", "apple\r\nbaby\r\n");
  write_nested(inner / "train.bin", record({'\x13', '\x01'}, "abc"));

  const auto set = open_dataset(folder.path(), "", Split::kTrain);

  g_assert_cmpint(set->label(0), ==, 1);
  g_assert_cmpstr(set->classes()[1].c_str(), ==, "baby");
  g_assert_cmpint(set->picture(0).pixels.at(2), ==, 'c');
  g_assert_false(torchclassify::has_validation(folder.path(), ""));
  expect_error(
      ErrorCode::kNotFound,
      [&] { open_dataset(folder.path(), "", Split::kTest); }, "test.bin");
}

void test_the_publishers_archive_is_read_in_place() {
  const TemporaryFolder folder;
  const std::string inner = "cifar-10-batches-bin/";
  support::write_archive(folder / "cifar-10-binary.tar.gz",
                         {{inner + "batches.meta.txt", kNames},
                          {inner + "data_batch_1.bin", record("\x02", "abc")},
                          {inner + "readme.html", "<html>"}},
                         {.compressed = true});

  const auto set =
      open_dataset(folder / "cifar-10-binary.tar.gz", "", Split::kTrain);

  g_assert_cmpuint(set->size(), ==, 1);
  g_assert_cmpint(set->picture(0).pixels.at(1), ==, 'b');
}

struct Damage {
  const char* name;
  const char* file;
  std::string content;
  const char* word;
};

const Damage kDamages[] = {
    {"empty", "data_batch_1.bin", "", "0 bytes"},
    {"cut-short", "data_batch_1.bin", record("\x01", "abc").substr(0, 3072),
     "records of 3073 bytes, got 3072"},
    {"longer", "data_batch_2.bin", record("\x01", "abc") + "x", "3074"},
    {"label-without-a-name", "data_batch_1.bin",
     record("\x01", "abc") + record("\x03", "abc"), "below 3, got 3"},
    {"no-names", "batches.meta.txt", "\n\n", "got 0"},
    {"too-many-names", "batches.meta.txt",
     [] {
       std::string names;
       for (int i = 0; i < 257; ++i) names += "x\n";
       return names;
     }(),
     "got 257"},
};

void test_a_damaged_file_is_refused(gconstpointer data) {
  const auto& damage = *static_cast<const Damage*>(data);
  const TemporaryFolder folder;
  write_cifar10(folder.path());
  support::write_file(folder / damage.file, damage.content);

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder.path(), "cifar", Split::kTrain); }, damage.word,
      damage.file);
}

void test_a_folder_without_cifar_is_not_found() {
  const TemporaryFolder folder;
  write_nested(folder / "data_batch_1.bin", record("\x01", "abc"));

  expect_error(
      ErrorCode::kNotFound,
      [&] { open_dataset(folder.path(), "cifar", Split::kTrain); },
      "batches.meta.txt", folder.path().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/cifar/cifar10-is-read-in-its-folder", kPlaces,
                    test_cifar10_is_read_in_its_folder);
  g_test_add_func("/cifar/planes-become-pixels", test_planes_become_pixels);
  g_test_add_func("/cifar/cifar100-has-its-fine-labels",
                  test_cifar100_has_its_fine_labels);
  g_test_add_func("/cifar/the-publishers-archive-is-read-in-place",
                  test_the_publishers_archive_is_read_in_place);
  support::add_rows("/cifar/a-damaged-file-is-refused", kDamages,
                    test_a_damaged_file_is_refused);
  g_test_add_func("/cifar/a-folder-without-cifar-is-not-found",
                  test_a_folder_without_cifar_is_not_found);
  return g_test_run();
}
