// SPDX-License-Identifier: LGPL-2.1-or-later
// ImageNet's nested archives, in miniature.
#include <glib.h>
#include <signal.h>
#include <sys/resource.h>

#include "prepare/ilsvrc.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "written_archive.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::Members;
using support::read_file;
using support::tar_bytes;
using support::TemporaryFolder;
using support::write_archive;
using support::write_file;
using torchclassify::ErrorCode;
using torchclassify::prepare_ilsvrc;

std::string meta(const std::string& name = "meta.mat") {
  return read_file(support::test_file("ilsvrc/" + name));
}

void write_kit(const fs::path& folder, const std::string& mat,
               const std::string& truth) {
  const std::string data = "ILSVRC2012_devkit_t12/data/";
  write_archive(folder / "ILSVRC2012_devkit_t12.tar.gz",
                {{"ILSVRC2012_devkit_t12/readme.txt", "read me"},
                 {data + "ILSVRC2012_validation_ground_truth.txt", truth},
                 {data + "meta.mat", mat}});
}

const Members kTraining = {
    {"n01440764.tar", tar_bytes({{"n01440764_18.JPEG", "tench 18"},
                                 {"n01440764_36.JPEG", "tench 36"}})},
    {"n02119789.tar", tar_bytes({{"n02119789_7.JPEG", "fox 7"}})}};
const Members kValidation = {{"ILSVRC2012_val_00000001.JPEG", "first"},
                             {"ILSVRC2012_val_00000002.JPEG", "second"},
                             {"ILSVRC2012_val_00000003.JPEG", "third"}};

void write_training(const fs::path& folder, const Members& members) {
  write_archive(folder / "ILSVRC2012_img_train.tar", members);
}

void write_validation(const fs::path& folder, const Members& members) {
  write_archive(folder / "ILSVRC2012_img_val.tar", members);
}

void write_all(const fs::path& folder) {
  write_training(folder, kTraining);
  write_validation(folder, kValidation);
  write_kit(folder, meta(), "3\n1\n2\n");
}

void test_pictures_come_into_a_folder_for_each_class() {
  const TemporaryFolder folder;
  write_all(folder.path());

  const auto counts = prepare_ilsvrc(folder.path(), folder / "out");

  g_assert_cmpuint(counts.training, ==, 3);
  g_assert_cmpuint(counts.validation, ==, 3);
  g_assert_cmpuint(counts.written, ==, 6);
  g_assert_cmpuint(counts.classes, ==, 3);
  const fs::path out = folder / "out";
  g_assert_true(read_file(out / "train/n01440764/n01440764_36.JPEG") ==
                "tench 36");
  g_assert_true(read_file(out / "train/n02119789/n02119789_7.JPEG") == "fox 7");
}

// By ILSVRC's id, which is not the place of the WordNet id among all.
void test_the_ground_truth_names_the_class(gconstpointer data) {
  const TemporaryFolder folder;
  write_validation(folder.path(), kValidation);
  write_kit(folder.path(), meta(*static_cast<const char* const*>(data)),
            "3\r\n1\r\n2\r\n");

  prepare_ilsvrc(folder.path(), folder / "out");

  const fs::path val = folder / "out/val";
  g_assert_true(read_file(val / "n01440764/ILSVRC2012_val_00000001.JPEG") ==
                "first");
  g_assert_true(read_file(val / "n02119789/ILSVRC2012_val_00000002.JPEG") ==
                "second");
  g_assert_true(read_file(val / "n02100735/ILSVRC2012_val_00000003.JPEG") ==
                "third");
}

void test_other_counts_than_the_publishers_are_said() {
  const TemporaryFolder folder;
  write_all(folder.path());

  const auto counts = prepare_ilsvrc(folder.path(), folder / "out");

  g_assert_cmpuint(counts.warnings.size(), ==, 3);
  g_assert_true(counts.warnings[0] ==
                "expected 1281167 training pictures, got 3");
}

void test_a_second_run_writes_what_is_missing_or_short() {
  const TemporaryFolder folder;
  write_all(folder.path());
  prepare_ilsvrc(folder.path(), folder / "out");
  const fs::path train = folder / "out/train";
  fs::remove(train / "n02119789/n02119789_7.JPEG");
  write_file(train / "n01440764/n01440764_18.JPEG", "ten");
  const fs::path kept = train / "n01440764/n01440764_36.JPEG";
  const auto time = fs::last_write_time(kept);

  const auto counts = prepare_ilsvrc(folder.path(), folder / "out");

  g_assert_cmpuint(counts.written, ==, 2);
  g_assert_cmpuint(counts.training, ==, 3);
  g_assert_true(read_file(train / "n01440764/n01440764_18.JPEG") == "tench 18");
  g_assert_true(fs::last_write_time(kept) == time);
}

void test_nothing_but_pictures_is_left_behind() {
  const TemporaryFolder folder;
  write_all(folder.path());

  prepare_ilsvrc(folder.path(), folder / "out");

  for (const auto& entry : fs::recursive_directory_iterator(folder / "out"))
    g_assert_true(entry.is_directory() || entry.path().extension() == ".JPEG");
}

void test_a_folder_without_archives_is_refused() {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kNotFound,
      [&] { prepare_ilsvrc(folder.path(), folder / "out"); },
      "ILSVRC2012_img_train.tar", folder.path().c_str());
}

void test_validation_pictures_need_the_kit() {
  const TemporaryFolder folder;
  write_validation(folder.path(), kValidation);

  expect_error(
      ErrorCode::kNotFound,
      [&] { prepare_ilsvrc(folder.path(), folder / "out"); },
      "ILSVRC2012_devkit_t12.tar.gz");
}

void test_a_folder_that_cannot_be_written_is_said() {
  const TemporaryFolder folder;
  write_training(folder.path(), kTraining);
  write_file(folder / "out", "a file");

  expect_error(
      ErrorCode::kCannotWrite,
      [&] { prepare_ilsvrc(folder.path(), folder / "out"); }, "out");
}

void test_a_full_disk_leaves_no_piece() {
  const TemporaryFolder folder;
  write_training(
      folder.path(),
      {{"n01440764.tar",
        tar_bytes({{"n01440764_1.JPEG", std::string(99999, 'x')}})}});
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small = {.rlim_cur = 10000, .rlim_max = before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);

  expect_error(
      ErrorCode::kCannotWrite,
      [&] { prepare_ilsvrc(folder.path(), folder / "out"); },
      "n01440764_1.JPEG");
  setrlimit(RLIMIT_FSIZE, &before);

  g_assert_true(fs::is_empty(folder / "out/train/n01440764"));
}

struct BadTraining {
  const char* name;
  Members members;
  const char* word;
};

const BadTraining kBadTraining[] = {
    {"not-an-archive-inside", {{"n01440764.tar", "no archive"}}, "whole tar"},
    {"a-name-that-is-no-class", {{"fish.tar", "x"}}, "fish.tar"},
    {"a-way-out", {{"../n01440764.tar", "x"}}, "../n01440764.tar"},
    {"a-way-out-inside",
     {{"n01440764.tar", tar_bytes({{"../../n01440764_1.JPEG", "x"}})}},
     "../../n01440764_1.JPEG"},
    {"an-absolute-path-inside",
     {{"n01440764.tar", tar_bytes({{"/tmp/n01440764_1.JPEG", "x"}})}},
     "n01440764"},
    {"a-picture-of-another-class",
     {{"n01440764.tar", tar_bytes({{"n02119789_1.JPEG", "x"}})}},
     "n02119789_1.JPEG"},
    {"an-archive-cut-short-inside",
     {{"n01440764.tar",
       tar_bytes({{"n01440764_1.JPEG", std::string(9999, 'x')}})
           .substr(0, 3000)}},
     "n01440764.tar"}};

void test_bad_training_archives_are_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadTraining*>(data);
  const TemporaryFolder folder;
  write_training(folder.path(), bad.members);

  expect_error(
      ErrorCode::kBadData,
      [&] { prepare_ilsvrc(folder.path(), folder / "out"); }, bad.word);
  g_assert_false(fs::exists(folder / "n01440764_1.JPEG"));
}

struct BadKit {
  const char* name;
  std::string mat;
  std::string truth;
  ErrorCode code;
  const char* word;
};

std::string with_order(std::string mat, const char* order) {
  return mat.replace(126, 2, order);
}

const BadKit kBadKits[] = {
    {"an-id-of-no-class", meta(), "3\n1\n4\n", ErrorCode::kBadData, "line 3"},
    {"an-id-above-classes", meta(), "1001\n", ErrorCode::kBadData, "1001"},
    {"words-for-ids", meta(), "tench\n", ErrorCode::kBadData, "tench"},
    {"fewer-ids-than-pictures", meta(), "1\n2\n", ErrorCode::kBadData,
     "ILSVRC2012_val_00000003.JPEG"},
    {"no-mat-file", "MATLAB?", "1\n", ErrorCode::kBadData, "meta.mat"},
    {"an-empty-mat-file", "", "1\n", ErrorCode::kBadData, "meta.mat"},
    {"only-a-header", meta().substr(0, 128), "1\n", ErrorCode::kBadData,
     "synsets"},
    {"a-mat-file-cut-short", meta().substr(0, 400), "1\n", ErrorCode::kBadData,
     "meta.mat"},
    {"damaged-compressed-data",
     meta().replace(meta().size() / 2, 20, std::string(20, '\xff')), "1\n",
     ErrorCode::kBadData, "meta.mat"},
    {"another-byte-order", with_order(meta(), "MI"), "1\n",
     ErrorCode::kUnsupported, "little-endian"}};

void test_bad_kits_are_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadKit*>(data);
  const TemporaryFolder folder;
  write_validation(folder.path(), kValidation);
  write_kit(folder.path(), bad.mat, bad.truth);

  expect_error(
      bad.code, [&] { prepare_ilsvrc(folder.path(), folder / "out"); },
      bad.word);
}

// Each length of an uncompressed MAT-file: an Error, or a file that happens to
// be whole, but nothing else.
void test_no_cut_mat_file_does_harm() {
  const std::string whole = meta("meta_plain.mat");
  const TemporaryFolder folder;
  write_validation(folder.path(), kValidation);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    write_kit(folder.path(), whole.substr(0, size), "1\n2\n3\n");
    try {
      prepare_ilsvrc(folder.path(), folder / "out");
    } catch (const torchclassify::Error&) {
      ++refused;
    }
  }
  g_assert_cmpuint(refused, >, 10);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/ilsvrc/pictures-come-into-a-folder-for-each-class",
                  test_pictures_come_into_a_folder_for_each_class);
  static const char* const kMats[] = {"meta.mat", "meta_plain.mat"};
  g_test_add_data_func("/ilsvrc/the-ground-truth-names-the-class/compressed",
                       &kMats[0], test_the_ground_truth_names_the_class);
  g_test_add_data_func("/ilsvrc/the-ground-truth-names-the-class/plain",
                       &kMats[1], test_the_ground_truth_names_the_class);
  g_test_add_func("/ilsvrc/other-counts-than-the-publishers-are-said",
                  test_other_counts_than_the_publishers_are_said);
  g_test_add_func("/ilsvrc/a-second-run-writes-what-is-missing-or-short",
                  test_a_second_run_writes_what_is_missing_or_short);
  g_test_add_func("/ilsvrc/nothing-but-pictures-is-left-behind",
                  test_nothing_but_pictures_is_left_behind);
  g_test_add_func("/ilsvrc/a-folder-without-archives-is-refused",
                  test_a_folder_without_archives_is_refused);
  g_test_add_func("/ilsvrc/validation-pictures-need-the-kit",
                  test_validation_pictures_need_the_kit);
  g_test_add_func("/ilsvrc/a-folder-that-cannot-be-written-is-said",
                  test_a_folder_that_cannot_be_written_is_said);
  g_test_add_func("/ilsvrc/a-full-disk-leaves-no-piece",
                  test_a_full_disk_leaves_no_piece);
  support::add_rows("/ilsvrc/bad-training-archives-are-refused", kBadTraining,
                    test_bad_training_archives_are_refused);
  support::add_rows("/ilsvrc/bad-kits-are-refused", kBadKits,
                    test_bad_kits_are_refused);
  g_test_add_func("/ilsvrc/no-cut-mat-file-does-harm",
                  test_no_cut_mat_file_does_harm);
  return g_test_run();
}
