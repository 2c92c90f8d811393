// SPDX-License-Identifier: LGPL-2.1-or-later
// The safetensors writer: what it writes, and what a failure leaves behind.
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "formats/atomic_file.h"
#include "formats/safetensors.h"
#include "lib/formats/safetensors_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using support::expect_error;
using torchclassify::Dtype;
using torchclassify::ErrorCode;
using torchclassify::SafetensorsFile;
using torchclassify::TensorView;
using torchclassify::TensorViews;
using torchclassify::write_safetensors;

namespace {

// Bytes 1, 2, 3, ... that any view of up to 64 bytes may borrow.
const std::byte* counting_bytes() {
  static const auto bytes = [] {
    std::vector<std::byte> made;
    for (int i = 1; i <= 64; ++i) made.push_back(static_cast<std::byte>(i));
    return made;
  }();
  return bytes.data();
}

TensorView view_of(Dtype dtype, std::vector<std::int64_t> shape,
                   std::size_t size) {
  return {.dtype = dtype,
          .shape = std::move(shape),
          .data = counting_bytes(),
          .size = size};
}

std::ptrdiff_t entries(const support::TemporaryFolder& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), {});
}

void test_round_trip(void) {
  const support::TemporaryFolder folder;
  const TensorViews tensors = {
      {"bytes", view_of(Dtype::kU8, {3}, 3)},
      {"conv.weight", view_of(Dtype::kF32, {2, 1, 2}, 16)},
      {"empty", view_of(Dtype::kF16, {0, 7}, 0)},
      {"h\xC3\xA4lf", view_of(Dtype::kBf16, {1, 3}, 6)},
      {"scalar", view_of(Dtype::kI64, {}, 8)},
  };

  write_safetensors(folder / "f", tensors, {{"key", "a \"value\"\n"}});

  const SafetensorsFile file(folder / "f");
  g_assert_cmpuint(file.tensors().size(), ==, tensors.size());
  for (const auto& [name, view] : tensors) {
    const TensorView& read = file.tensors().at(name);
    g_assert_true(read.dtype == view.dtype);
    g_assert_true(read.shape == view.shape);
    g_assert_cmpmem(read.data, read.size, view.data, view.size);
    g_assert_cmpuint(reinterpret_cast<std::uintptr_t>(read.data) %
                         torchclassify::dtype_size(read.dtype),
                     ==, 0);
  }
  g_assert_cmpstr(file.metadata().at("key").c_str(), ==, "a \"value\"\n");
}

void test_exact_bytes(void) {
  const support::TemporaryFolder folder;

  write_safetensors(folder / "f", {{"a", view_of(Dtype::kU8, {2}, 2)}}, {});

  std::string header =
      R"({"a":{"data_offsets":[0,2],"dtype":"U8","shape":[2]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::string expected = support::safetensors_bytes(header, "\x01\x02");
  g_assert_true(support::read_file(folder / "f") == expected);
}

void test_overwriting_replaces(void) {
  const support::TemporaryFolder folder;
  write_safetensors(folder / "f", {{"old", view_of(Dtype::kU8, {9}, 9)}}, {});
  const SafetensorsFile open_before(folder / "f");

  write_safetensors(folder / "f", {{"new", view_of(Dtype::kU8, {1}, 1)}}, {});

  g_assert_true(SafetensorsFile(folder / "f").tensors().contains("new"));
  g_assert_cmpmem(open_before.tensors().at("old").data, 9, counting_bytes(), 9);
  g_assert_cmpint(entries(folder), ==, 1);
}

void test_missing_folder(void) {
  const support::TemporaryFolder folder;

  expect_error(
      ErrorCode::kCannotWrite,
      [&] { write_safetensors(folder / "absent/f", {}, {}); }, "absent/f");

  g_assert_cmpint(entries(folder), ==, 0);
}

void test_target_a_folder(void) {
  const support::TemporaryFolder folder;
  g_assert_cmpint(mkdir((folder / "f").c_str(), 0700), ==, 0);

  expect_error(
      ErrorCode::kCannotWrite, [&] { write_safetensors(folder / "f", {}, {}); },
      "/f");

  g_assert_cmpint(entries(folder), ==, 1);
  g_assert_true(std::filesystem::is_directory(folder / "f"));
}

void test_without_commit(void) {
  const support::TemporaryFolder folder;
  support::write_file(folder / "f", "before");

  {
    torchclassify::AtomicFile file(folder / "f");
    file.write("after", 5);
  }

  g_assert_true(support::read_file(folder / "f") == "before");
  g_assert_cmpint(entries(folder), ==, 1);
}

struct WrongInput {
  const char* name;
  const char* tensor;
  TensorView view;
  const char* word;
};

const WrongInput kWrongInputs[] = {
    {"the-reserved-name", "__metadata__", view_of(Dtype::kU8, {1}, 1),
     "__metadata__"},
    {"a-name-not-in-utf8", "\xFF", view_of(Dtype::kU8, {1}, 1), "UTF-8"},
    {"too-few-bytes", "a", view_of(Dtype::kF32, {2}, 4), "\"a\""},
    {"too-many-bytes", "a", view_of(Dtype::kU8, {1}, 2), "\"a\""},
    {"a-negative-side", "a", view_of(Dtype::kU8, {-1}, 1), "shape"},
    {"a-size-over-64-bits", "a",
     view_of(Dtype::kF32, {std::int64_t{1} << 62}, 0), "shape"},
};

void test_wrong_input(gconstpointer data) {
  const auto& row = *static_cast<const WrongInput*>(data);
  const support::TemporaryFolder folder;
  support::write_file(folder / "f", "before");

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] {
        write_safetensors(folder / "f", {{row.tensor, row.view}}, {});
      },
      row.word, "/f");

  g_assert_true(support::read_file(folder / "f") == "before");
  g_assert_cmpint(entries(folder), ==, 1);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/safetensors-writer/what-was-written-is-read",
                  test_round_trip);
  g_test_add_func("/safetensors-writer/the-bytes-are-the-documented-ones",
                  test_exact_bytes);
  g_test_add_func("/safetensors-writer/overwriting-leaves-an-open-reader-alone",
                  test_overwriting_replaces);
  g_test_add_func("/safetensors-writer/a-missing-folder-is-refused",
                  test_missing_folder);
  g_test_add_func("/safetensors-writer/a-folder-in-its-place-is-refused",
                  test_target_a_folder);
  g_test_add_func("/safetensors-writer/without-commit-nothing-changes",
                  test_without_commit);
  support::add_rows("/safetensors-writer/wrong-input-is-refused", kWrongInputs,
                    test_wrong_input);
  return g_test_run();
}
