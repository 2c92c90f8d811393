// SPDX-License-Identifier: LGPL-2.1-or-later
// Which zip archives are read, and all that is refused.
#include <glib.h>

#include <string>

#include "formats/zip_archive.h"
#include "lib/formats/zip_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"

using namespace support;
using torchclassify::ErrorCode;
using torchclassify::ZipArchive;

namespace {

const std::string kOrigin = "the/archive.pth";

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string content(const torchclassify::ZipEntry* entry) {
  g_assert_nonnull(entry);
  return {reinterpret_cast<const char*>(entry->data.data()),
          entry->data.size()};
}

std::string two() { return zip_bytes({{"r/a", "first"}, {"r/b", "second"}}); }
std::string two64() {
  return zip_bytes({{"r/a", "first"}, {"r/b", "second"}}, /*zip64=*/true);
}

// Another name in the last local header than in the directory.
std::string renamed_in_place() {
  std::string bytes = two();
  bytes[bytes.find("r/b")] = 'x';
  return bytes;
}

struct Hostile {
  const char* name;
  std::string bytes;
  const char* word;
};

const Hostile kHostile[] = {
    {"empty", "", "directory at the end"},
    {"only-a-local-header", two().substr(0, 40), "directory at the end"},
    {"a-name-twice", zip_bytes({{"r/a", "1"}, {"r/a", "2"}}), "twice"},
    {"a-name-that-climbs", zip_bytes({{"r/../../etc/passwd", "1"}}), "plain"},
    {"a-name-of-dots", zip_bytes({{"..", "1"}}), "plain"},
    {"a-name-with-a-single-dot", zip_bytes({{"r/./a", "1"}}), "plain"},
    {"an-absolute-name", zip_bytes({{"/etc/passwd", "1"}}), "plain"},
    {"a-name-with-a-drive", zip_bytes({{"C:a", "1"}}), "plain"},
    {"a-name-with-a-backslash", zip_bytes({{"r\\..\\a", "1"}}), "plain"},
    {"a-name-with-a-null-byte", zip_bytes({{std::string("r/a\0b", 5), "1"}}),
     "plain"},
    {"a-name-with-two-slashes", zip_bytes({{"r//a", "1"}}), "plain"},
    {"no-name", zip_bytes({{"", "1"}}), "plain"},
    {"two-sizes-of-stored-data", patched(two(), kCentralPackedSize, 5),
     "one size"},
    {"a-size-that-the-local-header-lacks",
     patched(patched(two(), kCentralPackedSize, 5), kCentralFullSize, 5),
     "agree"},
    {"another-size-in-the-local-header", patched(two(), kLocalSize, 7),
     "agree"},
    {"another-method-in-the-local-header", patched(two(), kLocalMethod, 8),
     "agree"},
    {"other-flags-in-the-local-header", patched(two(), kLocalFlags, 8),
     "agree"},
    {"another-name-in-the-local-header", renamed_in_place(), "agree"},
    {"a-checksum-that-the-local-header-lacks", patched(two(), kCentralCrc, 1),
     "agree"},
    {"a-local-name-past-the-directory", patched(two(), kLocalNameSize, 60000),
     "more bytes"},
    {"a-local-extra-past-the-directory", patched(two(), kLocalExtraSize, 60000),
     "more bytes"},
    {"a-central-name-past-the-end", patched(two(), kCentralNameSize, 60000),
     "more bytes"},
    {"a-central-extra-past-the-end", patched(two(), kCentralExtraSize, 60000),
     "more bytes"},
    {"data-past-the-directory",
     patched(patched(patched(patched(two(), kCentralPackedSize, 5000),
                             kCentralFullSize, 5000),
                     kCentralFlags, 8),
             kLocalFlags, 8),
     "more bytes"},
    {"two-entries-at-one-place", patched(two(), kCentralOffset, 0), "agree"},
    {"an-offset-without-a-header", patched(two(), kCentralOffset, 3),
     "where the directory says"},
    {"an-offset-in-the-directory", patched(two(), kCentralOffset, 90),
     "before the directory"},
    {"an-offset-past-the-end", patched(two(), kCentralOffset, 0xFFFFFFF0),
     "before the directory"},
    {"an-offset-in-a-zip64-extra-that-is-not-there",
     patched(two(), kCentralOffset, 0xFFFFFFFF), "before the directory"},
    {"fewer-entries-than-the-directory-has",
     patched(patched(two(), kEndCount, 1), kEndCountHere, 1), "more bytes"},
    {"more-entries-than-the-directory-has",
     patched(patched(two(), kEndCount, 65535), kEndCountHere, 65535),
     "65535 entries"},
    {"a-directory-past-the-end", patched(two(), kEndOffset, 0xFFFFFFF0),
     "within"},
    {"a-directory-that-ends-early", patched(two(), kEndSize, 10),
     "up to its end record"},
    {"a-comment-that-is-not-there", patched(two(), kEndCommentSize, 9),
     "directory at the end"},
    {"bytes-behind-the-end", two() + "x", "directory at the end"},
    {"bytes-before-the-archive", "x" + two(), "up to its end record"},
    {"a-zip64-record-past-the-end",
     patched(two64(), kLocatorOffset, UINT64_MAX), "before its locator"},
    {"a-zip64-record-elsewhere", patched(two64(), kLocatorOffset, 0),
     "up to its locator"},
    {"a-zip64-record-of-another-size", patched(two64(), kEnd64Size, 45),
     "up to its locator"},
    {"a-zip64-directory-past-the-end",
     patched(two64(), kEnd64Offset, UINT64_MAX - 3), "within"},
    {"two-end-records-that-disagree", patched(two64(), kEndOffset, 0),
     "end records"},
};

void test_hostile(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);

  expect_error(
      ErrorCode::kBadData, [&] { ZipArchive(as_bytes(row.bytes), kOrigin); },
      row.word, kOrigin.c_str());
}

const Hostile kUnsupported[] = {
    {"an-encrypted-entry",
     patched(patched(two(), kCentralFlags, 1), kLocalFlags, 1), "encryption"},
    {"one-of-several-disks", patched(two(), kEndDisk, 1), "one piece"},
    {"an-entry-on-another-disk", patched(two(), kCentralDisk, 7), "one piece"},
    {"entries-on-other-disks", patched(two(), kEndCountHere, 1), "one piece"},
    {"another-count-in-the-zip64-record", patched(two64(), kEnd64Count, 3),
     "one piece"},
};

void test_unsupported(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);

  expect_error(
      ErrorCode::kUnsupported,
      [&] { ZipArchive(as_bytes(row.bytes), kOrigin); }, row.word,
      kOrigin.c_str());
}

// The directory names the same bytes under two names, headers included.
void test_overlap(void) {
  const std::string inner = zip_bytes({{"r/b", "x"}});
  const std::string local = inner.substr(0, inner.find(kCentralHeader));
  std::string bytes = zip_bytes({{"r/a", local}, {"r/b", "x"}});
  bytes = patched(bytes, kCentralOffset,
                  bytes.find(local));  // inside the first entry's data

  expect_error(
      ErrorCode::kBadData, [&] { ZipArchive(as_bytes(bytes), kOrigin); },
      "overlap", kOrigin.c_str());
}

void test_every_truncation(void) {
  for (const std::string& whole : {two(), two64()}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string part = whole.substr(0, size);
      expect_error(
          ErrorCode::kBadData, [&] { ZipArchive(as_bytes(part), kOrigin); },
          kOrigin.c_str());
    }
  }
}

void test_every_changed_byte(void) {
  const std::string whole = two64();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\x01', '\x7F', '\xFF'}) {
      std::string changed = whole;
      changed[at] = byte;
      try {
        const ZipArchive archive(as_bytes(changed), kOrigin);
        for (const auto& [name, entry] : archive.entries()) {
          g_assert_true(entry.data.data() >= as_bytes(changed).data());
          g_assert_true(entry.data.data() + entry.data.size() <=
                        as_bytes(changed).data() + changed.size());
        }
      } catch (const torchclassify::Error&) {
      }
    }
  }
}

void test_entries(void) {
  for (const std::string& bytes : {two(), two64()}) {
    const ZipArchive archive(as_bytes(bytes), kOrigin);

    g_assert_cmpuint(archive.entries().size(), ==, 2);
    g_assert_true(content(archive.find("r/a")) == "first");
    g_assert_true(content(archive.find("r/b")) == "second");
    g_assert_null(archive.find("r/c"));
    g_assert_null(archive.find("r"));
  }
}

void test_comment(void) {
  const std::string comment = "made by hand";
  const std::string bytes =
      patched(two(), kEndCommentSize, comment.size()) + comment;

  const ZipArchive archive(as_bytes(bytes), kOrigin);

  g_assert_cmpuint(archive.entries().size(), ==, 2);
}

void test_compressed(void) {
  const std::string bytes =
      patched(patched(two(), kCentralMethod, 8), kLocalMethod, 8);

  const ZipArchive archive(as_bytes(bytes), kOrigin);

  g_assert_true(archive.find("r/b")->compressed);
  g_assert_false(archive.find("r/a")->compressed);
}

void test_no_entries(void) {
  const std::string bytes = zip_bytes({});

  const ZipArchive archive(as_bytes(bytes), kOrigin);

  g_assert_true(archive.entries().empty());
}

// The catalogue of checksums gives this one for "123456789".
void test_checksum(void) {
  const std::string data = "123456789";

  g_assert_true(torchclassify::checksum_fits({as_bytes(data), 0xCBF43926}));
  g_assert_false(torchclassify::checksum_fits({as_bytes(data), 0xCBF43927}));
  g_assert_true(torchclassify::checksum_fits({as_bytes(data), 0}));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_rows("/zip/a-hostile-archive-is-refused", kHostile, test_hostile);
  add_rows("/zip/what-pytorch-never-writes-is-refused", kUnsupported,
           test_unsupported);
  g_test_add_func("/zip/overlapping-entries-are-refused", test_overlap);
  g_test_add_func("/zip/every-truncation-is-refused", test_every_truncation);
  g_test_add_func("/zip/no-changed-byte-leads-outside-the-archive",
                  test_every_changed_byte);
  g_test_add_func("/zip/entries-are-found-by-name-with-and-without-zip64",
                  test_entries);
  g_test_add_func("/zip/a-comment-behind-the-directory-is-skipped",
                  test_comment);
  g_test_add_func("/zip/a-compressed-entry-is-marked", test_compressed);
  g_test_add_func("/zip/an-archive-without-entries-is-read", test_no_entries);
  g_test_add_func("/zip/a-checksum-is-compared-unless-it-is-not-there",
                  test_checksum);
  return g_test_run();
}
