// SPDX-License-Identifier: LGPL-2.1-or-later
// Data sets in archives, honest and hostile ones.
#include <glib.h>

#include <fstream>
#include <thread>

#include "data/archive_tree.h"
#include "data/data_source.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset.h"
#include "trainer/made_sets.h"
#include "trainer/written_archive.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::kPixel;
using support::Member;
using support::TemporaryFolder;
using torchclassify::ArchiveTree;
using torchclassify::DataSource;
using torchclassify::ErrorCode;
using torchclassify::open_dataset;
using torchclassify::Split;

struct Form {
  const char* name;
  const char* file;
  support::ArchiveStyle style;
};

constexpr Form kForms[] = {
    {"tar", "set.tar", {}},
    {"tar-gz", "set.tar.gz", {.compressed = true}},
    {"tgz-in-capitals", "SET.TGZ", {.compressed = true}},
    {"stored-zip", "set.zip", {.zip = true}},
    {"compressed-zip", "set.zip", {.zip = true, .compressed = true}},
};

void test_an_archive_is_a_folder(gconstpointer data) {
  const auto& form = *static_cast<const Form*>(data);
  const TemporaryFolder folder;
  support::write_archive(folder / form.file,
                         {{"./set/", "", Member::Kind::kFolder},
                          {"./set/train/bee/1.ppm", kPixel},
                          {"./set/train/ant/2.ppm", "P6 1 1 255\nabc"},
                          {"./set/train/ant/.hidden.ppm", "no picture"},
                          {"./set/val/ant/3.ppm", kPixel},
                          {"./set/README", "not a picture"}},
                         form.style);

  const auto train = open_dataset(folder / form.file, "", Split::kTrain);
  const auto validation =
      open_dataset(folder / form.file, "", Split::kValidation);

  g_assert_true(torchclassify::has_validation(folder / form.file, ""));
  g_assert_true(train->classes() == std::vector<std::string>({"ant", "bee"}));
  g_assert_cmpuint(train->size(), ==, 2);
  g_assert_cmpuint(validation->size(), ==, 1);
  g_assert_cmpint(train->picture(0).pixels.at(2), ==, 'c');
  g_assert_cmpint(train->picture(1).pixels.at(0), ==, 0x10);
  g_assert_true(train->name(1) ==
                (folder / form.file / "set/train/bee/1.ppm").string());
}

void test_all_parts_come_of_one_reading(gconstpointer data) {
  const auto& form = *static_cast<const Form*>(data);
  const TemporaryFolder folder;
  support::write_archive(
      folder / form.file,
      {{"train/ant/1.ppm", kPixel}, {"val/ant/2.ppm", kPixel}}, form.style);

  const DataSource source(folder / form.file, "");
  fs::remove(folder / form.file);

  g_assert_cmpstr(source.layout().c_str(), ==, "imagefolder");
  g_assert_true(source.has_validation());
  for (const Split split : {Split::kTrain, Split::kValidation})
    g_assert_cmpint(source.open(split)->picture(0).pixels.at(0), ==, 0x10);
}

void test_stored_members_are_read_where_they_lie(gconstpointer data) {
  const auto& form = *static_cast<const Form*>(data);
  const TemporaryFolder folder;
  const std::string content(100000, 'x');
  support::write_archive(folder / form.file, {{"a/1.bin", content}},
                         form.style);

  const bool fits = [&] {
    try {
      ArchiveTree tree(folder / form.file, /*limit=*/10000);
      return tree.read("a/1.bin").span().size() == content.size();
    } catch (const torchclassify::Error&) {
      return false;
    }
  }();

  g_assert_cmpint(fits, ==, !form.style.compressed);
}

void test_one_archive_serves_many_threads() {
  const TemporaryFolder folder;
  support::Members members;
  for (int i = 0; i < 50; ++i)
    members.push_back({"a/" + std::to_string(i) + ".ppm", kPixel});
  support::write_archive(folder / "set.tar.gz", members, {.compressed = true});
  const auto set = open_dataset(folder / "set.tar.gz", "", Split::kTrain);

  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (std::size_t k = 0; k < set->size(); ++k)
        g_assert_cmpint(set->picture(k).pixels.at(1), ==, 0x20);
    });
  for (std::thread& thread : threads) thread.join();
}

void test_the_later_of_two_members_counts() {
  const TemporaryFolder folder;
  support::write_archive(folder / "set.tar",
                         {{"a/1.ppm", "old"}, {"a/1.ppm", kPixel}}, {});

  const auto set = open_dataset(folder / "set.tar", "", Split::kTrain);

  g_assert_cmpuint(set->size(), ==, 1);
  g_assert_cmpint(set->picture(0).width, ==, 1);
}

struct Hostile {
  const char* name;
  Member member;
  const char* word;
};

const Hostile kHostile[] = {
    {"absolute-path", {"/etc/passwd", "x"}, "/etc/passwd"},
    {"parent-folder", {"a/../../b.ppm", "x"}, "a/../../b.ppm"},
    {"only-dots", {"..", "x"}, "inside"},
    {"folder-outside", {"../b/", "", Member::Kind::kFolder}, "../b/"},
    {"link", {"a/1.ppm", "/etc/passwd", Member::Kind::kLink}, "link"},
};

void test_a_hostile_member_is_refused(gconstpointer data) {
  const auto& hostile = *static_cast<const Hostile*>(data);
  const TemporaryFolder folder;
  support::write_archive(folder / "set.tar",
                         {{"a/0.ppm", kPixel}, hostile.member}, {});

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder / "set.tar", "", Split::kTrain); },
      hostile.word, "set.tar");
}

void test_an_encrypted_member_is_refused() {
  const TemporaryFolder folder;
  support::write_archive(folder / "set.zip", {{"a/0.ppm", kPixel}},
                         {.zip = true, .password = "secret"});

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder / "set.zip", "", Split::kTrain); }, "encrypted",
      "a/0.ppm");
}

// 100 MB of zeros in 100 kB.
void test_a_bomb_stops_at_the_limit() {
  const TemporaryFolder folder;
  support::write_archive(folder / "set.tar.gz",
                         {{"a/0.ppm", std::string(100'000'000, '\0')}},
                         {.compressed = true});
  g_assert_cmpuint(fs::file_size(folder / "set.tar.gz"), <, 1'000'000);

  expect_error(
      ErrorCode::kBadData,
      [&] { ArchiveTree(folder / "set.tar.gz", /*limit=*/1'000'000); },
      "1000000 bytes", "set.tar.gz");
}

void test_a_bomb_of_names_stops_at_the_limit() {
  const TemporaryFolder folder;
  support::Members members;
  for (int i = 0; i < 2000; ++i)
    members.push_back({"a/" + std::to_string(i) + ".ppm", ""});
  support::write_archive(folder / "set.tar", members, {});

  expect_error(
      ErrorCode::kBadData,
      [&] { ArchiveTree(folder / "set.tar", /*limit=*/100'000); },
      "100000 bytes");
}

// Every length of a cut file but the whole one.
void test_a_cut_archive_is_refused(gconstpointer data) {
  const auto& form = *static_cast<const Form*>(data);
  const TemporaryFolder folder;
  support::write_archive(
      folder / form.file,
      {{"a/0.ppm", kPixel}, {"a/1.ppm", std::string(3000, 'z')}}, form.style);
  const std::string whole = support::read_file(folder / form.file);
  const std::size_t content =
      form.style.zip || form.style.compressed ? whole.size() : 5000;

  for (std::size_t size = 0; size < content; size += 1 + content / 60) {
    support::write_file(folder / form.file, whole.substr(0, size));
    expect_error(
        ErrorCode::kBadData,
        [&] { open_dataset(folder / form.file, "", Split::kTrain); },
        form.file);
  }
}

void test_a_changed_byte_is_an_error_or_a_set(gconstpointer data) {
  const auto& form = *static_cast<const Form*>(data);
  const TemporaryFolder folder;
  support::write_archive(folder / form.file,
                         {{"a/0.ppm", kPixel}, {"b/1.ppm", kPixel}},
                         form.style);
  const std::string whole = support::read_file(folder / form.file);

  for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 300) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x5a);
    support::write_file(folder / form.file, changed);
    try {
      const auto set = open_dataset(folder / form.file, "", Split::kTrain);
      set->picture(0);
    } catch (const torchclassify::Error& error) {
      g_assert_nonnull(std::strstr(error.what(), form.file));
    }
  }
}

struct NotOne {
  const char* name;
  const char* file;
  const char* content;
};

constexpr NotOne kNotOne[] = {
    {"empty-tar", "set.tar", ""},
    {"empty-zip", "set.zip", ""},
    {"text", "set.tar.gz", "not an archive at all"},
    {"picture", "set.zip", "P6 1 1 255\nabc"},
    {"another-ending", "set.rar", "Rar!"},
};

void test_what_is_no_archive_is_refused(gconstpointer data) {
  const auto& file = *static_cast<const NotOne*>(data);
  const TemporaryFolder folder;
  support::write_file(folder / file.file, file.content);

  expect_error(
      ErrorCode::kBadData,
      [&] { open_dataset(folder / file.file, "", Split::kTrain); }, file.file);
}

void test_a_real_archive_equals_its_folder() {
  const fs::path path = support::real_data_or_skip("hymenoptera-mini");
  if (path.empty())
    return;
  const TemporaryFolder folder;
  support::Members members;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file())
      members.push_back({fs::relative(entry, path.parent_path()).string(),
                         support::read_file(entry)});
  }
  support::write_archive(folder / "set.zip", members, {.zip = true});

  const auto files = open_dataset(path, "", Split::kTrain);
  const auto packed = open_dataset(folder / "set.zip", "", Split::kTrain);

  g_assert_cmpuint(packed->size(), ==, 80);
  g_assert_true(packed->classes() == files->classes());
  for (std::size_t i = 0; i < packed->size(); i += 7) {
    g_assert_cmpint(packed->label(i), ==, files->label(i));
    g_assert_true(packed->picture(i).pixels == files->picture(i).pixels);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/archive/an-archive-is-a-folder", kForms,
                    test_an_archive_is_a_folder);
  support::add_rows("/archive/all-parts-come-of-one-reading", kForms,
                    test_all_parts_come_of_one_reading);
  support::add_rows("/archive/stored-members-are-read-where-they-lie", kForms,
                    test_stored_members_are_read_where_they_lie);
  g_test_add_func("/archive/one-archive-serves-many-threads",
                  test_one_archive_serves_many_threads);
  g_test_add_func("/archive/the-later-of-two-members-counts",
                  test_the_later_of_two_members_counts);
  support::add_rows("/archive/a-hostile-member-is-refused", kHostile,
                    test_a_hostile_member_is_refused);
  g_test_add_func("/archive/an-encrypted-member-is-refused",
                  test_an_encrypted_member_is_refused);
  g_test_add_func("/archive/a-bomb-stops-at-the-limit",
                  test_a_bomb_stops_at_the_limit);
  g_test_add_func("/archive/a-bomb-of-names-stops-at-the-limit",
                  test_a_bomb_of_names_stops_at_the_limit);
  support::add_rows("/archive/a-cut-archive-is-refused", kForms,
                    test_a_cut_archive_is_refused);
  support::add_rows("/archive/a-changed-byte-is-an-error-or-a-set", kForms,
                    test_a_changed_byte_is_an_error_or_a_set);
  support::add_rows("/archive/what-is-no-archive-is-refused", kNotOne,
                    test_what_is_no_archive_is_refused);
  g_test_add_func("/archive/a-real-archive-equals-its-folder",
                  test_a_real_archive_equals_its_folder);
  return g_test_run();
}
