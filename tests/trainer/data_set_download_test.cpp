// SPDX-License-Identifier: LGPL-2.1-or-later
// Published data sets: fetched, verified and unpacked.
#include <glib.h>

#include "fetch/digest.h"
#include "fetch/fetch_data_set.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset.h"
#include "web_server.h"
#include "written_archive.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::read_file;
using support::TemporaryFolder;
using support::WebServer;
using support::write_file;
using torchclassify::DataSetFile;
using torchclassify::digest_of_file;
using torchclassify::DigestKind;
using torchclassify::ErrorCode;
using torchclassify::fetch_data_set;
using torchclassify::find_data_set;
using torchclassify::PublishedDataSet;
using torchclassify::Split;

constexpr char kMd5[] = "b2c6b66a2b0a2e0d0b6c6f0a4e0f6a3b";  // of nothing here

// A set of one file of the test's server; its name there is its name here.
PublishedDataSet set_of(DataSetFile file) {
  file.max_bytes = file.max_bytes ? file.max_bytes : 1 << 20;
  return {.name = "tiny", .url = WebServer::shared().url("/"), .files = {file}};
}

const char* const kNowhere = "http://127.0.0.1:1";

void test_files_come_into_the_folder() {
  const TemporaryFolder folder;
  const auto set = set_of({.name = "file", .sha256 = WebServer::kHash});

  fetch_data_set(set, folder / "new/set");

  g_assert_true(read_file(folder / "new/set/file") == WebServer::content());
}

void test_what_is_there_and_right_needs_no_network() {
  const TemporaryFolder folder;
  const auto set = set_of({.name = "file", .sha256 = WebServer::kHash});
  fetch_data_set(set, folder.path());

  fetch_data_set(set, folder.path(), {.mirror = kNowhere});

  g_assert_true(read_file(folder / "file") == WebServer::content());
}

void test_what_is_there_and_wrong_is_fetched_again() {
  const TemporaryFolder folder;
  write_file(folder / "file", "damaged");

  fetch_data_set(set_of({.name = "file", .sha256 = WebServer::kHash}),
                 folder.path());

  g_assert_true(read_file(folder / "file") == WebServer::content());
}

void test_a_file_may_be_known_by_its_md5() {
  const TemporaryFolder folder;
  write_file(folder / "content", WebServer::content());
  const std::string md5 = digest_of_file(folder / "content", DigestKind::kMd5);

  fetch_data_set(set_of({.name = "file", .md5 = md5}), folder.path());

  g_assert_cmpuint(md5.size(), ==, 32);
  g_assert_true(read_file(folder / "file") == WebServer::content());
}

// RFC 1321, appendix A.5.
void test_md5_is_that_of_the_standard() {
  const TemporaryFolder folder;
  write_file(folder / "abc", "abc");

  g_assert_true(digest_of_file(folder / "abc", DigestKind::kMd5) ==
                "900150983cd24fb0d6963f7d28e17f72");
}

void test_an_interrupted_download_goes_on() {
  const TemporaryFolder folder;
  const auto set = set_of({.name = "cut?set", .sha256 = WebServer::kHash});
  expect_error(
      ErrorCode::kUnreachable, [&] { fetch_data_set(set, folder.path()); },
      "next attempt goes on");

  fetch_data_set(set, folder.path());

  g_assert_true(read_file(folder / "cut?set") == WebServer::content());
  const auto requests = WebServer::shared().requests_for("/cut?set");
  g_assert_cmpuint(requests.size(), ==, 2);
  g_assert_true(requests[1].find("bytes=150000-") != std::string::npos);
}

struct Refusal {
  const char* name;
  DataSetFile file;
  ErrorCode code;
  const char* word;
};

const Refusal kRefusals[] = {
    {"a-wrong-sha256",
     {.name = "wrong", .sha256 = WebServer::kHash},
     ErrorCode::kBadData,
     "SHA-256"},
    {"a-wrong-md5", {.name = "file", .md5 = kMd5}, ErrorCode::kBadData, "MD5"},
    {"too-many-bytes",
     {.name = "file", .sha256 = WebServer::kHash, .max_bytes = 1000},
     ErrorCode::kBadData,
     "1000"},
    {"a-file-that-is-not-there",
     {.name = "nothing", .sha256 = WebServer::kHash},
     ErrorCode::kNotFound,
     "404"},
    {"a-server-that-is-busy",
     {.name = "status/503", .sha256 = WebServer::kHash},
     ErrorCode::kUnreachable,
     "503"}};

void test_refusals_leave_no_file(gconstpointer data) {
  const auto& refusal = *static_cast<const Refusal*>(data);
  const TemporaryFolder folder;
  fs::create_directory(folder / "status");

  expect_error(
      refusal.code,
      [&] { fetch_data_set(set_of(refusal.file), folder.path()); },
      refusal.word);

  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    g_assert_true(entry.is_directory());
}

void test_a_server_that_is_not_there_is_said() {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kUnreachable,
      [&] {
        fetch_data_set(find_data_set("mnist"), folder.path(),
                       {.mirror = kNowhere});
      },
      "cannot reach");
}

void test_a_folder_that_cannot_be_made_is_said() {
  const TemporaryFolder folder;
  write_file(folder / "file", "");

  expect_error(
      ErrorCode::kCannotWrite,
      [&] {
        fetch_data_set(find_data_set("mnist"), folder / "file/set",
                       {.mirror = kNowhere});
      },
      "file/set");
}

// The archive is there already: what is tested is what becomes of it.
PublishedDataSet set_with_archive(const fs::path& folder,
                                  const support::Members& members,
                                  const std::string& unpack_into) {
  support::write_archive(folder / "set.zip", members);
  return set_of(
      {.name = "set.zip",
       .sha256 = digest_of_file(folder / "set.zip", DigestKind::kSha256),
       .unpack_into = unpack_into});
}

void test_archives_are_unpacked_to_their_place() {
  const TemporaryFolder folder;
  const auto set = set_with_archive(
      folder.path(), {{"a/one.ppm", "one"}, {"table.csv", "two"}}, "X/Images");

  fetch_data_set(set, folder.path(), {.mirror = kNowhere});

  g_assert_true(read_file(folder / "X/Images/a/one.ppm") == "one");
  g_assert_true(read_file(folder / "X/Images/table.csv") == "two");
}

// The publisher's archives in miniature, with the real set's places.
void test_unpacked_traffic_signs_are_read_by_their_layout() {
  const TemporaryFolder folder;
  const std::string picture = "P6 1 1 255\nabc";
  const std::string train = "GTSRB/Final_Training/Images/00000/";
  const std::string test = "GTSRB/Final_Test/Images/";
  const std::string columns =
      "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n";
  const support::Members contents[] = {
      {{train + "00000_00000.ppm", picture},
       {train + "00000_00001.ppm", picture},
       {train + "GT-00000.csv", columns + "00000_00000.ppm;1;1;0;0;1;1;0\n" +
                                    "00000_00001.ppm;1;1;0;0;1;1;0\n"}},
      {{test + "00000.ppm", picture}},
      {{"GT-final_test.csv", columns + "00000.ppm;1;1;0;0;1;1;7\n"}}};
  PublishedDataSet set = find_data_set("gtsrb");
  for (std::size_t i = 0; i < set.files.size(); ++i) {
    const fs::path path = folder / set.files[i].name;
    support::write_archive(path, contents[i]);
    set.files[i].sha256 = digest_of_file(path, DigestKind::kSha256);
  }

  fetch_data_set(set, folder.path(), {.mirror = kNowhere});

  const auto training = open_dataset(folder.path(), "gtsrb", Split::kTrain);
  const auto testing = open_dataset(folder.path(), "gtsrb", Split::kTest);
  g_assert_cmpuint(training->size(), ==, 2);
  g_assert_cmpint(testing->label(0), ==, 7);
  g_assert_cmpint(testing->picture(0).width, ==, 1);
}

void test_unpacking_goes_on_where_it_was() {
  const TemporaryFolder folder;
  const auto set = set_with_archive(folder.path(),
                                    {{"a.ppm", "one"}, {"b.ppm", "two"}}, ".");
  write_file(folder / "a.ppm", "ONE");  // as large as it should be
  write_file(folder / "b.ppm", "t");

  fetch_data_set(set, folder.path(), {.mirror = kNowhere});

  g_assert_true(read_file(folder / "a.ppm") == "ONE");
  g_assert_true(read_file(folder / "b.ppm") == "two");
}

struct BadArchive {
  const char* name;
  const char* member;
};

constexpr BadArchive kBadArchives[] = {{"a-way-out", "../../evil"},
                                       {"an-absolute-path", "/tmp/evil"},
                                       {"a-way-out-inside", "a/../../evil"}};

void test_archives_stay_in_their_folder(gconstpointer data) {
  const auto& bad = *static_cast<const BadArchive*>(data);
  const TemporaryFolder folder;
  fs::create_directory(folder / "inner");
  const auto set =
      set_with_archive(folder / "inner", {{bad.member, "x"}}, "deep");

  expect_error(
      ErrorCode::kBadData, [&] { fetch_data_set(set, folder / "inner"); },
      bad.member);
  g_assert_false(fs::exists(folder / "evil"));
  g_assert_false(fs::exists(folder / "inner/evil"));
}

void test_every_published_file_has_a_hash_and_a_limit() {
  for (const auto& set : torchclassify::published_data_sets()) {
    g_assert_true(set.url.ends_with("/"));
    for (const DataSetFile& file : set.files) {
      const bool sha256 = file.sha256.size() == 64;
      g_assert_true(sha256 || file.md5.size() == 32);
      g_assert_true(sha256 || set.url.starts_with("https://"));
      g_assert_cmpuint(file.max_bytes, >, 0);
    }
  }
}

void test_an_unknown_set_is_refused_with_those_that_are_known() {
  expect_error(
      ErrorCode::kInvalidArgument, [] { find_data_set("cifar"); },
      "cifar10, cifar100, mnist, fashion-mnist, gtsrb", "\"cifar\"");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::clear_network_environment();
  g_test_add_func("/data-set/files-come-into-the-folder",
                  test_files_come_into_the_folder);
  g_test_add_func("/data-set/what-is-there-and-right-needs-no-network",
                  test_what_is_there_and_right_needs_no_network);
  g_test_add_func("/data-set/what-is-there-and-wrong-is-fetched-again",
                  test_what_is_there_and_wrong_is_fetched_again);
  g_test_add_func("/data-set/a-file-may-be-known-by-its-md5",
                  test_a_file_may_be_known_by_its_md5);
  g_test_add_func("/data-set/md5-is-that-of-the-standard",
                  test_md5_is_that_of_the_standard);
  g_test_add_func("/data-set/an-interrupted-download-goes-on",
                  test_an_interrupted_download_goes_on);
  support::add_rows("/data-set/refusals-leave-no-file", kRefusals,
                    test_refusals_leave_no_file);
  g_test_add_func("/data-set/a-server-that-is-not-there-is-said",
                  test_a_server_that_is_not_there_is_said);
  g_test_add_func("/data-set/a-folder-that-cannot-be-made-is-said",
                  test_a_folder_that_cannot_be_made_is_said);
  g_test_add_func("/data-set/archives-are-unpacked-to-their-place",
                  test_archives_are_unpacked_to_their_place);
  g_test_add_func("/data-set/unpacked-traffic-signs-are-read-by-their-layout",
                  test_unpacked_traffic_signs_are_read_by_their_layout);
  g_test_add_func("/data-set/unpacking-goes-on-where-it-was",
                  test_unpacking_goes_on_where_it_was);
  support::add_rows("/data-set/archives-stay-in-their-folder", kBadArchives,
                    test_archives_stay_in_their_folder);
  g_test_add_func("/data-set/every-published-file-has-a-hash-and-a-limit",
                  test_every_published_file_has_a_hash_and_a_limit);
  g_test_add_func(
      "/data-set/an-unknown-set-is-refused-with-those-that-are-known",
      test_an_unknown_set_is_refused_with_those_that_are_known);
  return g_test_run();
}
