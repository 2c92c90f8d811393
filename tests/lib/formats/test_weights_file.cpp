// SPDX-License-Identifier: LGPL-2.1-or-later
// Any weights file through one door: formats, wrappers' prefixes, memory.
#include <glib.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "formats/weights_file.h"
#include "lib/formats/safetensors_bytes.h"
#include "lib/formats/torch_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using namespace support;
using torchclassify::ErrorCode;
using torchclassify::TensorView;
using torchclassify::WeightsFile;
using torchclassify::WeightsFormat;

namespace {

std::string floats(std::size_t count) { return std::string(4 * count, '\1'); }

std::string some_tensor() {
  return tensor(storage("0", 4), 0, integers({4}), integers({1}));
}

std::string empty_safetensors(const std::vector<std::string>& names) {
  std::string header = R"({"__metadata__":{"k":"v"})";
  for (const std::string& name : names)
    header +=
        ",\"" + name + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  return safetensors_bytes(header + "}", "");
}

struct Format {
  const char* name;
  std::string file;
  std::string bytes;
  WeightsFormat format;
  const char* format_name;
};

// The names of the files say nothing, or lie.
const Format kFormats[] = {
    {"safetensors", "model.pth", empty_safetensors({"w"}),
     WeightsFormat::kSafetensors, "safetensors"},
    {"zip", "model.safetensors",
     torch_zip(dict({{"w", some_tensor()}}), {{"0", floats(4)}}),
     WeightsFormat::kTorchZip, "torch.save (zip)"},
    {"legacy", "model",
     torch_legacy(dict({{"w", tensor(legacy_storage("0", 4), 0, integers({4}),
                                     integers({1}))}}),
                  {{"0", floats(4)}}),
     WeightsFormat::kTorchLegacy, "torch.save (legacy)"},
};

void test_format(gconstpointer data) {
  const auto& row = *static_cast<const Format*>(data);
  const TemporaryFolder folder;
  const std::string path = folder / row.file;
  write_file(path, row.bytes);

  const WeightsFile file(path);

  g_assert_true(file.format() == row.format);
  g_assert_cmpstr(format_name(file.format()), ==, row.format_name);
  g_assert_cmpstr(file.path().c_str(), ==, path.c_str());
  g_assert_cmpuint(file.tensors().count("w"), ==, 1);
}

struct Prefix {
  const char* name;
  std::vector<std::string> names;
  std::vector<std::string> expected;
};

const Prefix kPrefixes[] = {
    {"none", {"a", "b.c"}, {"a", "b.c"}},
    {"parallel", {"module.a", "module.b.c"}, {"a", "b.c"}},
    {"compiled", {"_orig_mod.a", "_orig_mod.b.c"}, {"a", "b.c"}},
    {"compiled-in-parallel", {"module._orig_mod.a"}, {"a"}},
    {"parallel-compiled", {"_orig_mod.module.a"}, {"a"}},
    {"parallel-twice", {"module.module.a", "module.module.b"}, {"a", "b"}},
    {"not-on-every-name", {"module.a", "b"}, {"b", "module.a"}},
    {"once-on-one-and-twice-on-another",
     {"module.a", "module.module.a"},
     {"a", "module.a"}},
    {"nothing-but-the-prefix", {"module."}, {"module."}},
    {"a-longer-word", {"modules.a"}, {"modules.a"}},
};

void test_prefix(gconstpointer data) {
  const auto& row = *static_cast<const Prefix*>(data);
  const TemporaryFolder folder;
  write_file(folder / "f", empty_safetensors(row.names));

  const WeightsFile file(folder / "f");

  std::vector<std::string> names;
  for (const auto& [name, view] : file.tensors()) names.push_back(name);
  g_assert_true(names == row.expected);
}

void test_container(void) {
  const WeightsFile file(test_file("formats/tiny.pth"));

  g_assert_cmpstr(file.container().c_str(), ==, "state_dict");
  g_assert_cmpuint(file.tensors().count("weight"), ==, 1);
  g_assert_true(file.metadata().empty());
}

void test_metadata(void) {
  const TemporaryFolder folder;
  write_file(folder / "f", empty_safetensors({"w"}));

  const WeightsFile file(folder / "f");

  g_assert_cmpstr(file.metadata().at("k").c_str(), ==, "v");
  g_assert_true(file.container().empty());
}

constexpr std::size_t kPages = 1024;  // the system counts some late

std::size_t page_size() { return static_cast<std::size_t>(getpagesize()); }

// Pages that this process has in its memory of files that it has mapped.
long resident_pages() {
  const std::string sizes = read_file("/proc/self/statm");
  long whole = 0, resident = 0, of_files = 0;
  g_assert_cmpint(
      std::sscanf(sizes.c_str(), "%ld %ld %ld", &whole, &resident, &of_files),
      ==, 3);
  return of_files;
}

std::size_t sum(const TensorView& view) {
  std::size_t result = 0;
  for (std::size_t i = 0; i < view.size; ++i)
    result += std::to_integer<std::size_t>(view.data[i]);
  return result;
}

void test_release(void) {
  const TemporaryFolder folder;
  const auto count = static_cast<std::int64_t>(kPages * page_size() / 4);
  write_file(folder / "f",
             torch_zip(dict({{"w", tensor(storage("0", count), 0,
                                          integers({count}), integers({1}))}}),
                       {{"0", floats(kPages * page_size() / 4)}}));
  const WeightsFile file(folder / "f");
  const TensorView& view = file.tensors().at("w");
  const std::size_t before = sum(view);
  const long pages = resident_pages();

  file.release(view);

  g_assert_cmpint(resident_pages(), <=, pages - 900);
  g_assert_cmpuint(sum(view), ==, before);
}

// Swapped storages are the only copy: nothing may be thrown away.
void test_release_of_owned_memory(void) {
  const TemporaryFolder folder;
  const auto count = static_cast<std::int64_t>(kPages * page_size() / 4);
  write_file(folder / "f",
             torch_zip(dict({{"w", tensor(storage("0", count), 0,
                                          integers({count}), integers({1}))}}),
                       {{"0", floats(kPages * page_size() / 4)}},
                       {{"model/byteorder", "big"}}));
  const WeightsFile file(folder / "f");

  file.release(file.tensors().at("w"));

  g_assert_cmpuint(sum(file.tensors().at("w")), ==, kPages * page_size());
}

void test_move(void) {
  WeightsFile file(test_file("formats/tiny.pth"));
  WeightsFile other(test_file("formats/tiny_legacy.pth"));

  other = std::move(file);

  g_assert_true(other.format() == WeightsFormat::kTorchZip);
  g_assert_cmpuint(sum(other.tensors().at("count")), ==, 7);
}

struct Foreign {
  const char* name;
  std::string bytes;
  ErrorCode code;
};

const Foreign kForeign[] = {
    {"an-empty-file", "", ErrorCode::kBadData},
    {"one-byte", "\x80", ErrorCode::kBadData},
    {"text", "A picture says more than a thousand words.\n",
     ErrorCode::kBadData},
    {"json", R"({"architectures": ["ResNetForImageClassification"]})",
     ErrorCode::kBadData},
    {"a-picture", "\x89PNG\r\n\x1a\n" + std::string(100, '\0'),
     ErrorCode::kBadData},
    {"hdf5", "\x89HDF\r\n\x1a\n" + std::string(100, '\0'), ErrorCode::kBadData},
    {"onnx", "\x08\x08\x12\x07pytorch" + std::string(100, '\0'),
     ErrorCode::kBadData},
    {"a-web-page", "<!DOCTYPE html><html><body>Not found</body></html>",
     ErrorCode::kBadData},
    {"a-git-lfs-pointer",
     "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
     ErrorCode::kBadData},
    {"gzip", "\x1f\x8b\x08" + std::string(100, '\0'), ErrorCode::kBadData},
    {"zeros", std::string(1000, '\0'), ErrorCode::kBadData},
    {"a-pickle", pickle(dict({})), ErrorCode::kBadData},
    {"a-word-document", zip_bytes({{"[Content_Types].xml", "<Types/>"}}),
     ErrorCode::kUnsupported},
};

void test_foreign(gconstpointer data) {
  const auto& row = *static_cast<const Foreign*>(data);
  const TemporaryFolder folder;
  write_file(folder / "some-file", row.bytes);

  expect_error(
      row.code, [&] { WeightsFile file(folder / "some-file"); }, "expected",
      "some-file");
}

void test_missing(void) {
  for (const char* path :
       {"/nowhere/model.pth", "/nowhere/model.safetensors.index.json"})
    expect_error(
        ErrorCode::kNotFound, [&] { WeightsFile file(path); }, path);
}

void test_folder(void) {
  const TemporaryFolder folder;

  expect_error(
      ErrorCode::kCannotRead, [&] { WeightsFile file(folder.path()); },
      "regular file", folder.path().c_str());
}

void test_torchscript(void) {
  const auto path = real_data_or_skip("weights/pytorch_lenet5.pt");
  if (path.empty())
    return;

  expect_error(
      ErrorCode::kUnsupported, [&] { WeightsFile file(path); }, "TorchScript",
      "pytorch_lenet5.pt");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_rows("/weights-file/a-format-is-known-by-its-content", kFormats,
           test_format);
  add_rows("/weights-file/wrappers-prefixes-are-taken-off", kPrefixes,
           test_prefix);
  add_rows("/weights-file/what-is-no-weights-file-is-refused", kForeign,
           test_foreign);
  g_test_add_func("/weights-file/the-state-dict-s-place-is-told",
                  test_container);
  g_test_add_func("/weights-file/metadata-of-safetensors-is-read",
                  test_metadata);
  g_test_add_func("/weights-file/released-bytes-leave-memory-and-stay-valid",
                  test_release);
  g_test_add_func("/weights-file/releasing-swapped-bytes-changes-nothing",
                  test_release_of_owned_memory);
  g_test_add_func("/weights-file/a-moved-file-keeps-its-tensors", test_move);
  g_test_add_func("/weights-file/a-missing-file-is-named", test_missing);
  g_test_add_func("/weights-file/a-folder-is-refused", test_folder);
  g_test_add_func("/weights-file/real-torchscript-is-refused",
                  test_torchscript);
  return g_test_run();
}
