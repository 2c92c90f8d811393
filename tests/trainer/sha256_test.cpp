// SPDX-License-Identifier: LGPL-2.1-or-later
// Hashes of files, and those that their names promise.
#include "fetch/sha256.h"

#include <glib.h>
#include <sys/stat.h>

#include "fetch/digest.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
namespace fs = std::filesystem;

using support::TemporaryFolder;
using torchclassify::check_sha256_in_name;
using torchclassify::digest_of_file;
using torchclassify::DigestKind;
using torchclassify::ErrorCode;
using torchclassify::sha256_prefix_in_name;

std::string sha256_of(const fs::path& path) {
  return digest_of_file(path, DigestKind::kSha256);
}

struct Known {
  const char* name;
  std::string content;
  const char* hash;
};
// FIPS 180-4's examples.
const Known kKnown[] = {
    {"nothing", "",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "abc",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"a-million-a", std::string(1'000'000, 'a'),
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

void test_a_known_hash(gconstpointer data) {
  const auto& known = *static_cast<const Known*>(data);
  const TemporaryFolder folder;
  support::write_file(folder / "file", known.content);

  const std::string hash = sha256_of(folder / "file");

  g_assert_cmpstr(hash.c_str(), ==, known.hash);
}

void test_a_file_longer_than_a_piece_is_read_to_its_end() {
  const TemporaryFolder folder;
  const std::string zeros((1 << 20) + 1, '\0');
  support::write_file(folder / "zeros", zeros);
  support::write_file(folder / "other", zeros.substr(1) + "1");

  g_assert_true(sha256_of(folder / "zeros") != sha256_of(folder / "other"));
}

struct Name {
  const char* name;
  const char* file;
  const char* prefix;
};
const Name kNames[] = {
    {"torchvision", "resnet50-11ad3fa6.pth", "11ad3fa6"},
    {"ten-digits", "mnasnet0.5_top1_67.823-3ffadce67e.pth", "3ffadce67e"},
    {"several-dashes", "vgg16_features-amdegroot-88682ab5.pth", "88682ab5"},
    {"decimal-digits", "vgg13-19584684.pth", "19584684"},
    {"th", "resnet20-12fca82f.th", "12fca82f"},
    {"pt", "a-0123456789abcdef.pt", "0123456789abcdef"},
    {"safetensors", "model-abcdef01.safetensors", "abcdef01"},
    {"none", "resnet50.pth", ""},
    {"seven-digits", "resnet50-11ad3fa.pth", ""},
    {"not-hex", "resnet50-11ad3fag.pth", ""},
    {"capital-letters", "resnet50-11AD3FA6.pth", ""},
    {"a-date", "best-20240131.pth", ""},
    {"a-shard", "model-00001-of-00002.safetensors", ""},
    {"another-kind-of-file", "photo-11ad3fa6.jpg", ""},
    {"dash-after-the-dot", "a.pth-11ad3fa6", ""},
    {"no-dot", "a-11ad3fa6", ""},
    {"empty", "", ""},
};

void test_the_digits_in_a_name(gconstpointer data) {
  const auto& row = *static_cast<const Name*>(data);

  const std::string prefix = sha256_prefix_in_name(row.file);

  g_assert_cmpstr(prefix.c_str(), ==, row.prefix);
}

void test_a_longer_name_than_any_hash_has_no_digits() {
  const std::string name = "a-" + std::string(65, 'a') + ".pth";

  g_assert_true(sha256_prefix_in_name(name).empty());
}

void test_a_file_that_is_what_its_name_says_passes() {
  const TemporaryFolder folder;
  support::write_file(folder / "abc-ba7816bf.pth", "abc");
  support::write_file(folder / "abc.pth", "anything");

  check_sha256_in_name(folder / "abc-ba7816bf.pth");
  check_sha256_in_name(folder / "abc.pth");
}

void test_a_file_that_is_not_what_its_name_says_is_refused() {
  const TemporaryFolder folder;
  support::write_file(folder / "abc-ba7816bf.pth", "abd");

  support::expect_error(
      ErrorCode::kBadData,
      [&] { check_sha256_in_name(folder / "abc-ba7816bf.pth"); },
      "begins with ba7816bf", "got a52d159f", "abc-ba7816bf.pth");
}

void test_a_file_that_cannot_be_read_is_refused() {
  const TemporaryFolder folder;
  mkfifo((folder / "pipe").c_str(), 0600);

  support::expect_error(
      ErrorCode::kNotFound, [&] { sha256_of(folder / "gone"); }, "gone");
  support::expect_error(ErrorCode::kCannotRead,
                        [&] { sha256_of(folder.path()); });
  support::expect_error(
      ErrorCode::kCannotRead, [&] { sha256_of(folder / "pipe"); },
      "regular file");
}

void test_published_weights_carry_their_hash() {
  const fs::path path =
      support::real_data_or_skip("weights/resnet20-12fca82f.th");
  if (path.empty())
    return;

  check_sha256_in_name(path);

  g_assert_true(sha256_of(path).starts_with("12fca82f0bebc413"));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/sha256/known", kKnown, test_a_known_hash);
  g_test_add_func("/sha256/a-file-longer-than-a-piece-is-read-to-its-end",
                  test_a_file_longer_than_a_piece_is_read_to_its_end);
  support::add_rows("/sha256/the-digits-in-a-name", kNames,
                    test_the_digits_in_a_name);
  g_test_add_func("/sha256/a-longer-name-than-any-hash-has-no-digits",
                  test_a_longer_name_than_any_hash_has_no_digits);
  g_test_add_func("/sha256/a-file-that-is-what-its-name-says-passes",
                  test_a_file_that_is_what_its_name_says_passes);
  g_test_add_func("/sha256/a-file-that-is-not-what-its-name-says-is-refused",
                  test_a_file_that_is_not_what_its_name_says_is_refused);
  g_test_add_func("/sha256/a-file-that-cannot-be-read-is-refused",
                  test_a_file_that_cannot_be_read_is_refused);
  g_test_add_func("/sha256/published-weights-carry-their-hash",
                  test_published_weights_carry_their_hash);
  return g_test_run();
}
