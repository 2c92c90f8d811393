// SPDX-License-Identifier: LGPL-2.1-or-later
// The forms of label files, and what is wrong with the others.
#include <glib.h>

#include <string>
#include <vector>

#include "formats/labels.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using support::expect_error;
using torchclassify::ErrorCode;
using torchclassify::read_labels;

namespace {

struct Form {
  const char* name;
  const char* text;
  std::vector<std::string> labels;
};

const Form kForms[] = {
    {"lines", "cat\ndog\n", {"cat", "dog"}},
    {"no-end-of-the-last-line", "cat\ndog", {"cat", "dog"}},
    {"crlf", "cat\r\ndog\r\n", {"cat", "dog"}},
    {"a-byte-order-mark",
     "\xEF\xBB\xBF"
     "cat\ndog\n",
     {"cat", "dog"}},
    {"empty-lines-at-the-end", "cat\ndog\n\n\r\n", {"cat", "dog"}},
    {"spaces-within",
     "great white shark\nK\xC3\xA4se\n",
     {"great white shark", "K\xC3\xA4se"}},
    {"numbered", "0 cat\n1 big dog\n", {"cat", "big dog"}},
    {"numbered-with-tabs", "0\tcat\r\n1\tdog\r\n", {"cat", "dog"}},
    {"numbered-in-any-order", "2 c\n0 a\n1 b\n", {"a", "b", "c"}},
    {"some-numbered", "0 cat\ndog\n", {"0 cat", "dog"}},
    {"names-that-begin-with-numbers",
     "30 km/h\n50 km/h\n",
     {"30 km/h", "50 km/h"}},
    {"digits", "0\n1\n2\n", {"0", "1", "2"}},
    {"a-name-twice", "crane\ncrane\n", {"crane", "crane"}},
    {"json-list", "[\"cat\", \"dog\"]\n", {"cat", "dog"}},
    {"json-behind-a-byte-order-mark", "\xEF\xBB\xBF\n[\"cat\"]", {"cat"}},
    {"class-index",
     R"({"1": ["n2", "goldfish"], "0": ["n1", "tench"]})",
     {"tench", "goldfish"}},
};

void test_form(gconstpointer data) {
  const auto& row = *static_cast<const Form*>(data);
  const support::TemporaryFolder folder;
  support::write_file(folder / "labels", row.text);

  const auto labels = read_labels(folder / "labels", row.labels.size());

  g_assert_true(labels == row.labels);
}

struct WrongFile {
  const char* name;
  std::string text;
  const char* word;
};

const WrongFile kWrongFiles[] = {
    {"empty", "", "empty"},
    {"only-a-byte-order-mark", "\xEF\xBB\xBF", "empty"},
    {"only-empty-lines", "\n\r\n\n", "empty"},
    {"not-utf8", "K\xE4se\n", "UTF-8"},
    {"utf16",
     std::string("\xFF\xFE"
                 "c\0a\0",
                 6),
     "UTF-8"},
    {"half-a-character", "K\xC3", "UTF-8"},
    {"a-gap-in-the-numbers", "0 cat\n2 dog\n", "every number"},
    {"a-number-twice", "0 cat\n0 dog\n", "every number"},
    {"empty-json-list", "[]", "empty"},
    {"empty-json-object", "{}", "empty"},
    {"json-list-of-numbers", "[1, 2]", "names"},
    {"json-list-of-lists", "[[\"cat\"]]", "names"},
    {"unfinished-json", "[\"cat\"", "JSON"},
    {"text-behind-the-json", "[\"cat\"] dog", "JSON"},
    {"class-index-with-a-gap", R"({"0": ["n", "a"], "2": ["n", "b"]})",
     "every number"},
    {"class-index-with-two-spellings", R"({"0": ["n", "a"], "00": ["n", "b"]})",
     "every number"},
    {"class-index-with-a-key-twice", R"({"0": ["n", "a"], "0": ["n", "b"]})",
     "twice"},
    {"class-index-with-a-word", R"({"zero": ["n", "a"]})", "class index"},
    {"class-index-with-a-negative-key", R"({"-1": ["n", "a"]})", "class index"},
    {"class-index-of-names", R"({"0": "tench"})", "class index"},
    {"class-index-of-numbers", R"({"0": ["n", 1]})", "class index"},
    {"over-16-MiB", std::string((16 << 20) + 1, 'x'), "16 MiB"},
};

void test_wrong_file(gconstpointer data) {
  const auto& row = *static_cast<const WrongFile*>(data);
  const support::TemporaryFolder folder;
  support::write_file(folder / "labels.txt", row.text);

  expect_error(
      ErrorCode::kBadData, [&] { read_labels(folder / "labels.txt"); },
      row.word, "labels.txt");
}

void test_wrong_count(void) {
  const support::TemporaryFolder folder;
  support::write_file(folder / "labels.txt", "cat\ndog\n");

  expect_error(
      ErrorCode::kBadData, [&] { read_labels(folder / "labels.txt", 3); }, "3",
      "2", "labels.txt");
}

void test_missing_file(void) {
  expect_error(
      ErrorCode::kNotFound, [] { read_labels("/nowhere/labels.txt"); },
      "/nowhere/labels.txt");
}

void test_folder(void) {
  const support::TemporaryFolder folder;

  expect_error(
      ErrorCode::kCannotRead, [&] { read_labels(folder.path()); },
      folder.path().c_str());
}

void test_imagenet(void) {
  const auto path =
      support::real_data_or_skip("imagenet-mini/imagenet_classes.txt");
  if (path.empty())
    return;

  const auto labels = read_labels(path, 1000);

  g_assert_cmpstr(labels[0].c_str(), ==, "tench");
  g_assert_cmpstr(labels[999].c_str(), ==, "toilet tissue");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/labels/are-read-from", kForms, test_form);
  support::add_rows("/labels/are-refused-from", kWrongFiles, test_wrong_file);
  g_test_add_func("/labels/another-count-than-expected-is-refused",
                  test_wrong_count);
  g_test_add_func("/labels/a-missing-file-is-named", test_missing_file);
  g_test_add_func("/labels/a-folder-is-refused", test_folder);
  g_test_add_func("/labels/imagenet-names-are-read", test_imagenet);
  return g_test_run();
}
