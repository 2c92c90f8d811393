// SPDX-License-Identifier: LGPL-2.1-or-later
// Summaries of sets that lie on disk: their parts, and what their files are.
#include <glib.h>

#include <cmath>

#include "data_summary/file_kind.h"
#include "made_dataset.h"
#include "made_sets.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset_summary.h"
#include "written_archive.h"

namespace {
namespace fs = std::filesystem;

using std::string_literals::operator""s;
using support::expect_error;
using support::TemporaryFolder;
using support::write_file;
using torchclassify::DatasetSummary;
using torchclassify::ErrorCode;
using torchclassify::file_kind;
using torchclassify::Split;
using torchclassify::summarise;

std::string ppm(std::uint64_t seed) {
  const auto picture = support::noise(seed, 16, 16);
  return "P6 16 16 255\n" +
         std::string(picture.pixels.begin(), picture.pixels.end());
}

void write_picture(const fs::path& path, std::uint64_t seed) {
  support::write_nested(path, ppm(seed));
}

std::string parts_of(const DatasetSummary& summary) {
  std::string text;
  for (const auto& part : summary.parts)
    text += torchclassify::part_name(part.part) + " "s +
            std::to_string(part.pictures) + ";";
  return text;
}

struct Folders {
  const char* name;
  std::vector<const char*> files;
  const char* parts;
};

const Folders kFolders[] = {
    {"none", {"a/1.ppm", "b/2.ppm"}, "train 2;"},
    {"train-and-val",
     {"train/a/1.ppm", "train/b/2.ppm", "val/a/3.ppm"},
     "train 2;validation 1;"},
    {"train-and-test", {"train/a/1.ppm", "test/a/3.ppm"}, "train 1;test 1;"},
    {"all-three",
     {"train/a/1.ppm", "val/a/2.ppm", "val/a/3.ppm", "test/a/4.ppm"},
     "train 1;validation 2;test 1;"},
    {"only-test", {"test/a/1.ppm"}, "test 1;"},
    {"val-and-test", {"val/a/1.ppm", "test/a/2.ppm"}, "validation 1;test 1;"}};

void test_folders_are_the_parts_that_they_say(gconstpointer data) {
  const auto& folders = *static_cast<const Folders*>(data);
  const TemporaryFolder folder;
  for (std::size_t i = 0; i < folders.files.size(); ++i)
    write_picture(folder / folders.files[i], i);

  const auto summary = summarise(folder.path());

  g_assert_cmpstr(summary.layout.c_str(), ==, "imagefolder");
  const std::string parts = parts_of(summary);
  g_assert_cmpstr(parts.c_str(), ==, folders.parts);
}

void test_an_archive_has_the_parts_of_its_folders(gconstpointer data) {
  const auto& folders = *static_cast<const Folders*>(data);
  const TemporaryFolder folder;
  support::Members members;
  for (std::size_t i = 0; i < folders.files.size(); ++i)
    members.push_back({folders.files[i], ppm(i)});
  support::write_archive(folder / "set.zip", members);

  const auto summary = summarise(folder / "set.zip");

  const std::string parts = parts_of(summary);
  g_assert_cmpstr(parts.c_str(), ==, folders.parts);
  g_assert_cmpuint(summary.kinds.at("PNM, RGB"), ==, members.size());
}

void test_only_the_parts_that_are_wanted_are_looked_at() {
  const TemporaryFolder folder;
  write_picture(folder / "train/a/1.ppm", 1);
  write_picture(folder / "val/a/2.ppm", 2);

  const auto summary = summarise(folder.path(), {.parts = {Split::kTrain}});

  g_assert_true(parts_of(summary) == "train 1;");
}

void test_a_wanted_part_that_is_not_there_is_refused() {
  const TemporaryFolder folder;
  write_picture(folder / "a/1.ppm", 1);

  expect_error(ErrorCode::kNotFound, [&] {
    summarise(folder.path(), {.parts = {Split::kValidation}});
  });
}

void test_nothing_changes_on_disk() {
  const TemporaryFolder folder;
  write_picture(folder / "a/1.ppm", 1);
  write_file(folder / "a/2.jpg", "no picture");
  const auto time = fs::last_write_time(folder / "a");

  summarise(folder.path());

  g_assert_true(support::read_file(folder / "a/2.jpg") == "no picture");
  g_assert_true(fs::last_write_time(folder / "a") == time);
}

void test_a_name_that_lies_about_the_format_is_suspicious() {
  const TemporaryFolder folder;
  write_picture(folder / "a/1.png", 1);
  write_picture(folder / "a/2.ppm", 2);

  const auto summary = summarise(folder.path());

  g_assert_cmpuint(summary.suspicious.count, ==, 1);
  g_assert_true(summary.suspicious.listed[0].reason == "named as PNG, is PNM");
  g_assert_true(summary.suspicious.listed[0].picture.name ==
                (folder / "a/1.png").string());
}

void test_files_have_their_bytes_and_reasons() {
  const TemporaryFolder folder;
  write_picture(folder / "a/1.ppm", 1);
  write_file(folder / "a/2.ppm", "P6 16 16 255\ntoo short");

  const auto summary = summarise(folder.path());

  g_assert_cmpuint(summary.file_bytes, ==, ppm(1).size() + 22);
  g_assert_cmpuint(summary.unreadable.count, ==, 1);
  const auto& found = summary.unreadable.listed[0];
  g_assert_true(found.picture.label == "a");
  g_assert_true(found.reason.find("2.ppm") == std::string::npos);
}

void test_groups_of_a_manifest_leak() {
  const TemporaryFolder folder;
  for (int i = 0; i < 4; ++i)
    write_picture(folder / (std::to_string(i) + ".ppm"),
                  static_cast<std::uint64_t>(i));
  write_file(folder / "set.csv",
             "path,label,split,group\n0.ppm,a,train,x\n1.ppm,b,train,y\n"
             "2.ppm,a,val,x\n3.ppm,b,test,z\n");

  const auto summary = summarise(folder / "set.csv");

  g_assert_true(parts_of(summary) == "train 2;validation 1;test 1;");
  g_assert_cmpuint(summary.group_leaks.count, ==, 1);
  g_assert_true(summary.group_leaks.listed[0].group == "x");
}

void test_sets_that_are_none_are_refused() {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kNotFound, [&] { summarise(folder / "nothing"); }, "nothing");
  expect_error(
      ErrorCode::kBadData, [&] { summarise(folder.path()); },
      folder.path().c_str());
  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { summarise(folder.path(), {.layout = "folders"}); }, "folders");
}

struct Kind {
  const char* name;
  std::string bytes;
  const char* format;
  const char* mode;
};

// A PNG up to its depth and colour type; a JPEG up to its number of components.
std::string png(char depth, char color) {
  return "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1"s + depth + color;
}
std::string jpeg(char components, const std::string& between = "") {
  return "\xff\xd8\xff\xe0\0\4ab"s + between + "\xff\xc0\0\x11\x08\0\1\0\1"s +
         components + "\0\0\0"s;
}

const Kind kKinds[] = {{"grey-png", png(8, 0), "PNG", "grey"},
                       {"deep-png", png(16, 2), "PNG", "RGB 16-bit"},
                       {"palette-png", png(8, 3), "PNG", "palette"},
                       {"alpha-png", png(8, 6), "PNG", "RGB alpha"},
                       {"impossible-png", png(8, 99), "PNG", ""},
                       {"short-png", png(8, 2).substr(0, 20), "PNG", ""},
                       {"grey-jpeg", jpeg(1), "JPEG", "grey"},
                       {"rgb-jpeg", jpeg(3), "JPEG", "RGB"},
                       {"cmyk-jpeg", jpeg(4), "JPEG", "CMYK"},
                       {"jpeg-with-rubbish", jpeg(1, "zz"), "JPEG", "grey"},
                       {"short-jpeg", jpeg(3).substr(0, 9), "JPEG", ""},
                       {"pgm", "P5 1 1 255\n", "PNM", "grey"},
                       {"pbm", "P4 1 1\n", "PNM", "black and white"},
                       {"text", "P3D is no picture", "", ""},
                       {"nothing", "", "", ""}};

void test_a_kind_is_told_by_the_bytes(gconstpointer data) {
  const auto& row = *static_cast<const Kind*>(data);

  const auto kind =
      file_kind({reinterpret_cast<const std::uint8_t*>(row.bytes.data()),
                 row.bytes.size()});

  g_assert_cmpstr(format_name(kind.format), ==, row.format);
  g_assert_cmpstr(kind.mode.c_str(), ==, row.mode);
}

// Of the first 10,000 pictures; published for all: 0.1307 and 0.3081.
void test_real_digits_have_their_known_mean() {
  const fs::path path = support::real_data_or_skip("mnist");
  if (path.empty())
    return;

  const auto summary = summarise(path);

  g_assert_true(parts_of(summary) == "train 10000;test 10000;");
  g_assert_true(std::abs(summary.mean.at(0) - 0.1307) < 0.001);
  g_assert_true(std::abs(summary.deviation.at(0) - 0.3081) < 0.001);
  g_assert_cmpuint(summary.near_duplicates.count, ==, 0);
}

// As many as decode: the rest is named, and nothing else happens.
void test_hostile_pictures_are_only_findings() {
  const fs::path path = support::real_data_or_skip("corrupt-images");
  if (path.empty())
    return;
  const TemporaryFolder folder;
  fs::create_directory_symlink(path, folder / "hostile");

  const auto summary = summarise(folder.path());

  g_assert_cmpuint(summary.parts[0].pictures, >, 50);
  g_assert_cmpuint(summary.unreadable.count, >, 20);
  g_assert_cmpuint(summary.unreadable.count, <, summary.parts[0].pictures);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/summary/folders-are-the-parts-that-they-say", kFolders,
                    test_folders_are_the_parts_that_they_say);
  support::add_rows("/summary/an-archive-has-the-parts-of-its-folders",
                    kFolders, test_an_archive_has_the_parts_of_its_folders);
  g_test_add_func("/summary/only-the-parts-that-are-wanted-are-looked-at",
                  test_only_the_parts_that_are_wanted_are_looked_at);
  g_test_add_func("/summary/a-wanted-part-that-is-not-there-is-refused",
                  test_a_wanted_part_that_is_not_there_is_refused);
  g_test_add_func("/summary/nothing-changes-on-disk",
                  test_nothing_changes_on_disk);
  g_test_add_func("/summary/a-name-that-lies-about-the-format-is-suspicious",
                  test_a_name_that_lies_about_the_format_is_suspicious);
  g_test_add_func("/summary/files-have-their-bytes-and-reasons",
                  test_files_have_their_bytes_and_reasons);
  g_test_add_func("/summary/groups-of-a-manifest-leak",
                  test_groups_of_a_manifest_leak);
  g_test_add_func("/summary/sets-that-are-none-are-refused",
                  test_sets_that_are_none_are_refused);
  support::add_rows("/summary/a-kind-is-told-by-the-bytes", kKinds,
                    test_a_kind_is_told_by_the_bytes);
  g_test_add_func("/summary/real-digits-have-their-known-mean",
                  test_real_digits_have_their_known_mean);
  g_test_add_func("/summary/hostile-pictures-are-only-findings",
                  test_hostile_pictures_are_only_findings);
  return g_test_run();
}
