// SPDX-License-Identifier: LGPL-2.1-or-later
// What the safetensors reader accepts, and all that it refuses.
#include <glib.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "formats/safetensors.h"
#include "lib/formats/safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using support::expect_error;
using support::safetensors_bytes;
using support::write_file;
using torchclassify::Dtype;
using torchclassify::ErrorCode;
using torchclassify::SafetensorsFile;

namespace {

// A header, the number of data bytes behind it, and a word of the complaint.
struct HostileHeader {
  const char* name;
  std::string header;
  std::size_t data_size;  // bytes
  const char* word;
};

std::string nested(int depth) {
  std::string text = R"({"a":)";
  text.append(depth, '[').append(depth, ']');
  return text + "}";
}

const HostileHeader kHostileHeaders[] = {
    {"empty", "", 0, "begins with {"},
    {"a-list", "[]", 0, "begins with {"},
    {"a-leading-space", " {}", 0, "begins with {"},
    {"a-byte-order-mark", "\xEF\xBB\xBF{}", 0, "begins with {"},
    {"not-json", "{nonsense", 0, "JSON"},
    {"unfinished", R"({"a":{"dtype":"U8")", 0, "JSON"},
    {"text-behind-the-object", "{} {}", 0, "JSON"},
    {"a-null-byte-behind-the-object", std::string("{}\0junk", 7), 0, "null"},
    {"not-utf8", "{\"\xFF\xFE\":{}}", 0, "UTF-8"},
    {"a-key-twice",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
     R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
     1, "twice"},
    {"a-field-twice",
     R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
     "twice"},
    {"a-metadata-key-twice", R"({"__metadata__":{"k":"v","k":"v"}})", 0,
     "twice"},
    {"nested-17-deep", nested(17), 0, "deeper"},
    {"nested-100000-deep", nested(100'000), 0, "deeper"},
    {"metadata-a-list", R"({"__metadata__":[]})", 0, "__metadata__"},
    {"metadata-value-a-number", R"({"__metadata__":{"k":1}})", 0, "\"k\""},
    {"metadata-value-an-object", R"({"__metadata__":{"k":{}}})", 0, "\"k\""},
    {"tensor-a-number", R"({"a":1})", 0, "\"a\""},
    {"no-dtype", R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1, "\"a\""},
    {"no-shape", R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1, "\"a\""},
    {"no-offsets", R"({"a":{"dtype":"U8","shape":[1]}})", 1, "\"a\""},
    {"unknown-dtype",
     R"({"a":{"dtype":"F12","shape":[1],"data_offsets":[0,1]}})", 1, "F12"},
    {"a-complex-dtype",
     R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", 8, "C64"},
    {"a-dtype-of-half-a-byte",
     R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", 1, "F4"},
    {"a-dtype-of-exponents-only",
     R"({"a":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}})", 1,
     "F8_E8M0"},
    {"dtype-a-number", R"({"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}})",
     1, "dtype"},
    {"shape-a-number", R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})",
     1, "shape"},
    {"negative-side",
     R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, "whole"},
    {"fractional-side",
     R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, "whole"},
    {"side-a-text",
     R"({"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}})", 1, "whole"},
    {"side-over-63-bits",
     R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}})",
     1, "whole"},
    {"product-over-64-bits",
     R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],)"
     R"("data_offsets":[0,0]}})",
     0, "64 bits"},
    {"product-wraps-to-the-size",
     R"({"a":{"dtype":"F32","shape":[4611686018427387905],)"
     R"("data_offsets":[0,4]}})",
     4, "64 bits"},
    {"product-over-64-bits-beside-a-side-of-0",
     R"({"a":{"dtype":"F32","shape":[0,4294967296,4294967296],)"
     R"("data_offsets":[0,0]}})",
     0, "64 bits"},
    {"65-sides",
     R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,)"
     R"(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,)"
     R"(1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})",
     1, "shape"},
    {"one-offset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1,
     "data_offsets"},
    {"negative-offset",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}})", 1, "whole"},
    {"fractional-offset",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1.5]}})", 1, "whole"},
    {"offsets-backwards",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1,
     "data_offsets"},
    {"end-past-the-file",
     R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1,
     "data_offsets"},
    {"end-near-the-largest-number",
     R"({"a":{"dtype":"U8","shape":[1],)"
     R"("data_offsets":[9223372036854775806,9223372036854775807]}})",
     1, "data_offsets"},
    {"too-few-bytes-for-the-shape",
     R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "bytes"},
    {"too-many-bytes-for-the-shape",
     R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})", 8, "bytes"},
    {"overlap",
     R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
     R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
     6, "overlap"},
    {"the-same-range-for-two",
     R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
     R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
     4, "overlap"},
    {"an-empty-tensor-inside-another",
     R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
     R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
     4, "overlap"},
    {"a-hole-at-the-front",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "holes"},
    {"a-hole-between",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
     R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
     3, "holes"},
    {"bytes-behind-the-last-tensor",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2, "cover"},
    {"bytes-without-a-tensor", "{}", 1, "cover"},
};

void test_hostile_header(gconstpointer data) {
  const auto& row = *static_cast<const HostileHeader*>(data);
  const support::TemporaryFolder folder;
  write_file(folder / "hostile.safetensors",
             safetensors_bytes(row.header, std::string(row.data_size, '\0')));

  expect_error(
      ErrorCode::kBadData,
      [&] { SafetensorsFile(folder / "hostile.safetensors"); }, row.word,
      "hostile.safetensors");
}

struct LyingLength {
  const char* name;
  std::string bytes;
};

const LyingLength kLyingLengths[] = {
    {"empty", ""},
    {"seven-bytes", std::string(7, '\0')},
    {"one-byte-more-than-there-is", safetensors_bytes("{}", "", 3)},
    {"just-over-100-MB", safetensors_bytes("{}", "", 100'000'001)},
    {"the-largest-number", safetensors_bytes("{}", "", UINT64_MAX)},
    {"wraps-around-with-the-eight-bytes",
     safetensors_bytes("{}", "", UINT64_MAX - 7)},
    {"shorter-than-the-header",
     safetensors_bytes(R"({"__metadata__":{}})", "", 4)},
};

void test_lying_length(gconstpointer data) {
  const auto& row = *static_cast<const LyingLength*>(data);
  const support::TemporaryFolder folder;
  write_file(folder / "lying.safetensors", row.bytes);

  expect_error(
      ErrorCode::kBadData,
      [&] { SafetensorsFile(folder / "lying.safetensors"); }, "expected a",
      "lying.safetensors");
}

void test_every_truncation(void) {
  const support::TemporaryFolder folder;
  const std::string whole = safetensors_bytes(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");

  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file(folder / "short.safetensors", whole.substr(0, size));
    expect_error(
        ErrorCode::kBadData,
        [&] { SafetensorsFile(folder / "short.safetensors"); },
        "short.safetensors");
  }
}

void test_every_changed_byte(void) {
  const support::TemporaryFolder folder;
  const std::string whole = safetensors_bytes(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");

  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\0', '\x7F', '\xFF', '"', '}', '9'}) {
      std::string changed = whole;
      changed[at] = byte;
      write_file(folder / "changed.safetensors", changed);
      try {
        const SafetensorsFile file(folder / "changed.safetensors");
        for (const auto& [name, view] : file.tensors())
          g_assert_cmpuint(view.size, <=, whole.size());
      } catch (const torchclassify::Error& error) {
        g_assert_cmpint(static_cast<int>(error.code()), ==,
                        static_cast<int>(ErrorCode::kBadData));
      }
    }
  }
}

void test_missing_file(void) {
  expect_error(
      ErrorCode::kNotFound, [] { SafetensorsFile("/nowhere/a.safetensors"); },
      "/nowhere/a.safetensors");
}

void test_folder(void) {
  const support::TemporaryFolder folder;

  expect_error(
      ErrorCode::kCannotRead, [&] { SafetensorsFile(folder.path()); },
      "regular file", folder.path().c_str());
}

void test_named_pipe(void) {
  const support::TemporaryFolder folder;
  g_assert_cmpint(mkfifo((folder / "pipe").c_str(), 0600), ==, 0);

  expect_error(
      ErrorCode::kCannotRead, [&] { SafetensorsFile(folder / "pipe"); },
      "regular file");
}

void test_one_line_of_complaint(void) {
  const support::TemporaryFolder folder;
  const std::string name = "a\\nb" + std::string(5000, 'x');
  write_file(folder / "f", safetensors_bytes("{\"" + name + "\":1}", ""));

  try {
    const SafetensorsFile file(folder / "f");
  } catch (const torchclassify::Error& error) {
    const std::string message = error.what();
    g_assert_true(message.find('\n') == message.npos);
    g_assert_cmpuint(message.size(), <, 400);
    return;
  }
  g_assert_not_reached();
}

void test_values(void) {
  const support::TemporaryFolder folder;
  const float values[] = {1.5f, -2.0f};
  write_file(
      folder / "f",
      safetensors_bytes(
          R"({"__metadata__":{"k":"v"},)"
          R"("w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}    )",
          std::string(reinterpret_cast<const char*>(values), 8)));

  const SafetensorsFile file(folder / "f");

  const auto& view = file.tensors().at("w");
  g_assert_true(view.dtype == Dtype::kF32);
  g_assert_true(view.shape == (std::vector<std::int64_t>{1, 2}));
  g_assert_cmpmem(view.data, view.size, values, sizeof(values));
  g_assert_cmpstr(file.metadata().at("k").c_str(), ==, "v");
  g_assert_cmpuint(file.tensors().size(), ==, 1);
}

void test_scalar_and_empty(void) {
  const support::TemporaryFolder folder;
  write_file(
      folder / "f",
      safetensors_bytes(
          R"({"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},)"
          R"("last":{"dtype":"U8","shape":[0],"data_offsets":[8,8]},)"
          R"("scalar":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})",
          std::string(8, '\0')));

  const SafetensorsFile file(folder / "f");

  g_assert_cmpuint(file.tensors().at("empty").size, ==, 0);
  g_assert_cmpuint(file.tensors().at("last").size, ==, 0);
  g_assert_cmpuint(file.tensors().at("scalar").size, ==, 8);
  g_assert_true(file.tensors().at("scalar").shape.empty());
}

void test_no_tensors(void) {
  const support::TemporaryFolder folder;
  write_file(folder / "f", safetensors_bytes("{}", ""));

  const SafetensorsFile file(folder / "f");

  g_assert_true(file.tensors().empty());
  g_assert_true(file.metadata().empty());
}

void test_real_weights(void) {
  const auto path = support::real_data_or_skip(
      "weights/mobilenet_v2-imagenet-f16.safetensors");
  if (path.empty())
    return;

  const SafetensorsFile file(path);

  const auto& view = file.tensors().at("classifier.1.weight");
  g_assert_true(view.dtype == Dtype::kF16);
  g_assert_true(view.shape == (std::vector<std::int64_t>{1000, 1280}));
  g_assert_cmpuint(view.size, ==, 1000 * 1280 * 2);
  g_assert_cmpuint(file.tensors().size(), ==, 262);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/safetensors/a-hostile-header-is-refused", kHostileHeaders,
                    test_hostile_header);
  support::add_rows("/safetensors/a-lying-length-is-refused", kLyingLengths,
                    test_lying_length);
  g_test_add_func("/safetensors/every-truncation-is-refused",
                  test_every_truncation);
  g_test_add_func("/safetensors/no-changed-byte-leads-outside-the-file",
                  test_every_changed_byte);
  g_test_add_func("/safetensors/a-missing-file-is-named", test_missing_file);
  g_test_add_func("/safetensors/a-folder-is-refused", test_folder);
  g_test_add_func("/safetensors/a-named-pipe-is-refused-without-waiting",
                  test_named_pipe);
  g_test_add_func("/safetensors/a-hostile-name-stays-one-line-of-complaint",
                  test_one_line_of_complaint);
  g_test_add_func("/safetensors/values-and-metadata-are-read", test_values);
  g_test_add_func("/safetensors/a-scalar-and-an-empty-tensor-are-read",
                  test_scalar_and_empty);
  g_test_add_func("/safetensors/a-file-without-tensors-is-read",
                  test_no_tensors);
  g_test_add_func("/safetensors/real-weights-are-read", test_real_weights);
  return g_test_run();
}
