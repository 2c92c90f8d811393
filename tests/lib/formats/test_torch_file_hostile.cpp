// SPDX-License-Identifier: LGPL-2.1-or-later
// What is refused in files of torch.save(), in both of its formats.
#include <glib.h>

#include <string>
#include <vector>

#include "formats/torch_file.h"
#include "lib/formats/torch_bytes.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

using namespace support;
using torchclassify::ErrorCode;

namespace {

const std::string kOrigin = "the/file.pth";
const std::string kFloats(16, '\x3f');
const std::string kShell = call(global("os", "system"), {text("touch canary")});

void parse(const std::string& bytes) {
  torchclassify::parse_torch_file(std::as_bytes(std::span(bytes)), kOrigin);
}

std::string good_tensor() {
  return tensor(storage("0", 4), 0, integers({4}), integers({1}));
}

std::string good_legacy_tensor() {
  return tensor(legacy_storage("0", 4), 0, integers({4}), integers({1}));
}

// A zip file with one storage of four floats.
std::string zip_of(const std::string& object,
                   const std::vector<ZipMember>& others = {}) {
  return torch_zip(object, {{"0", kFloats}}, others);
}

std::string legacy_of(const std::string& object) {
  return torch_legacy(object, {{"0", kFloats}});
}

std::string view_of(std::int64_t offset, const std::string& shape,
                    const std::string& strides) {
  return zip_of(dict({{"a", tensor(storage("0", 4), offset, shape, strides)}}));
}

// A tensor whose storage is what these items say.
std::string with_id(const std::vector<std::string>& items) {
  return zip_of(dict(
      {{"a", tensor(tuple(items) + "Q", 0, integers({4}), integers({1}))}}));
}

std::string with_arguments(const std::string& function,
                           const std::vector<std::string>& arguments) {
  return zip_of(
      dict({{"a", call(global("torch._utils", function), arguments)}}));
}

std::string sides(int count) {
  std::string items;
  for (int i = 0; i < count; ++i) items += "K\x01";
  return "(" + items + "t";
}

struct Hostile {
  const char* name;
  std::string bytes;
  const char* word;
};

const Hostile kTensors[] = {
    {"one-element-too-many", view_of(0, integers({5}), integers({1})),
     "within"},
    {"an-offset-too-far", view_of(1, integers({4}), integers({1})), "within"},
    {"an-offset-past-the-storage", view_of(5, integers({1}), integers({1})),
     "offset"},
    {"a-negative-offset", view_of(-1, integers({1}), integers({1})), "offset"},
    {"the-largest-offset", view_of(INT64_MAX, integers({1}), integers({1})),
     "offset"},
    {"a-stride-too-far", view_of(0, integers({2}), integers({4})), "within"},
    {"a-negative-stride", view_of(0, integers({2}), integers({-1})), "whole"},
    {"a-negative-side", view_of(0, integers({-1}), integers({1})), "whole"},
    {"a-stride-of-0", view_of(0, integers({1'000'000}), integers({0})),
     "more than once"},
    {"strides-that-overlap", view_of(0, integers({3, 2}), integers({1, 1})),
     "more than once"},
    {"strides-of-0-over-64-bits",
     view_of(0, integers({INT64_MAX, INT64_MAX}), integers({0, 0})), "64 bits"},
    {"an-empty-shape-over-64-bits",
     view_of(0, integers({0, INT64_MAX, INT64_MAX}), integers({0, 0, 0})),
     "64 bits"},
    {"an-extent-over-64-bits",
     view_of(0, integers({INT64_MAX, 2}), integers({INT64_MAX, 1})), "64 bits"},
    {"an-extent-that-wraps-to-the-size",
     view_of(0, integers({3, 3}), integers({INT64_MAX, 1})), "within"},
    {"more-strides-than-sides", view_of(0, integers({4}), integers({1, 1})),
     "as many strides"},
    {"65-sides", view_of(0, sides(65), sides(65)), "at most 64"},
    {"a-shape-of-texts", view_of(0, tuple({text("4")}), integers({1})),
     "whole"},
    {"a-shape-as-a-list", view_of(0, list({"K\x04"}), integers({1})), "tuple"},
    {"an-offset-as-a-text",
     with_arguments("_rebuild_tensor_v2",
                    {storage("0", 4), text("0"), integers({4}), integers({1}),
                     "\x89", ordered_dict()}),
     "offset"},
    {"no-arguments", with_arguments("_rebuild_tensor_v2", {}), "arguments"},
    {"too-few-arguments",
     with_arguments("_rebuild_tensor", {storage("0", 4), "K\x01"}),
     "arguments"},
    {"too-many-arguments",
     with_arguments("_rebuild_tensor", {storage("0", 4), "N", "N", "N", "N"}),
     "arguments"},
    {"a-number-as-the-storage",
     with_arguments("_rebuild_tensor",
                    {"K\x01", "K\x01", integers({1}), integers({1})}),
     "storage"},
    {"no-type-of-elements",
     with_arguments("_rebuild_tensor_v3",
                    {storage("0", 4), integer(0), integers({4}), integers({1}),
                     "\x89", ordered_dict(), text("uint16")}),
     "type of elements"},
    {"a-storage-that-is-not-there",
     torch_zip(dict({{"a", good_tensor()}}), {{"1", kFloats}}),
     "storage \"0\""},
    {"a-storage-that-is-too-short",
     torch_zip(dict({{"a", good_tensor()}}), {{"0", "12345678"}}), "8 bytes"},
    {"a-storage-that-is-too-long",
     torch_zip(dict({{"a", good_tensor()}}), {{"0", kFloats + "more"}}),
     "20 bytes"},
    {"a-storage-over-64-bits",
     with_id({text("storage"), global("torch", "FloatStorage"), text("0"),
              text("cpu"), integer((INT64_MAX >> 1) + 5)}),
     "elements"},
    {"a-storage-of-fewer-than-0",
     with_id({text("storage"), global("torch", "FloatStorage"), text("0"),
              text("cpu"), integer(-4)}),
     "whole"},
    {"a-storage-as-long-as-a-text",
     with_id({text("storage"), global("torch", "FloatStorage"), text("0"),
              text("cpu"), text("4")}),
     "whole"},
    {"an-id-of-four",
     with_id({text("storage"), global("torch", "FloatStorage"), text("0"),
              text("cpu")}),
     "persistent id"},
    {"an-id-of-a-module",
     with_id({text("module"), global("torch", "FloatStorage"), text("0"),
              text("cpu"), integer(4)}),
     "persistent id"},
    {"an-id-without-a-type",
     with_id({text("storage"), text("FloatStorage"), text("0"), text("cpu"),
              integer(4)}),
     "persistent id"},
    {"an-id-of-a-function",
     with_id({text("storage"), global("torch", "Size"), text("0"), text("cpu"),
              integer(4)}),
     "type of storage"},
    {"an-id-with-a-number-for-a-key",
     with_id({text("storage"), global("torch", "FloatStorage"), integer(0),
              text("cpu"), integer(4)}),
     "persistent id"},
    {"an-id-that-is-no-tuple",
     zip_of(dict({{"a", tensor("K\x01Q", 0, integers({4}), integers({1}))}})),
     "persistent id"},
    {"an-id-of-protocol-0",
     zip_of(dict({{"a", tensor("P0\n", 0, integers({4}), integers({1}))}})),
     "persistent id"},
    {"a-part-past-its-storage",
     zip_of(dict(
         {{"a", tensor(legacy_storage(
                           "0", 4, tuple({text("1"), integer(2), integer(3)})),
                       0, integers({1}), integers({1}))}})),
     "part within"},
    {"a-part-that-wraps",
     zip_of(dict({{"a", tensor(legacy_storage("0", 4,
                                              tuple({text("1"), integer(1),
                                                     integer(INT64_MAX)})),
                               0, integers({1}), integers({1}))}})),
     "part within"},
    {"a-part-of-two",
     zip_of(dict(
         {{"a", tensor(legacy_storage("0", 4, tuple({text("1"), integer(1)})),
                       0, integers({1}), integers({1}))}})),
     "part of a storage"},
    {"a-name-twice", zip_of(dict({{"a", good_tensor()}, {"a", good_tensor()}})),
     "twice"},
    {"no-name", zip_of(dict({{"", good_tensor()}})), "names"},
    {"a-name-that-is-not-utf8", zip_of(dict({{"\xFF\xFE", good_tensor()}})),
     "UTF-8"},
    {"a-number-for-a-name", zip_of("}K\x01" + good_tensor() + "s"), "names"},
    {"a-tensor-in-a-tensor",
     with_arguments("_rebuild_tensor",
                    {good_tensor(), integer(0), integers({4}), integers({1})}),
     "storage"},
    {"two-sizes-of-elements-in-one-big-endian-storage",
     zip_of(dict({{"a", good_tensor()},
                  {"b", tensor(storage("0", 8, "HalfStorage"), 0, integers({8}),
                               integers({1}))}}),
            {{"model/byteorder", "big"}}),
     "one size"},
    {"another-byte-order",
     zip_of(dict({{"a", good_tensor()}}), {{"model/byteorder", "middle"}}),
     "byte order"},
    {"two-data-pkl",
     zip_of(dict({{"a", good_tensor()}}), {{"other/data.pkl", "N."}}), "two"},
    {"another-checksum-of-the-pickle",
     patched(
         patched(torch_zip(dict({{"a", good_tensor()}}), {}), kCentralCrc, 1),
         {kLocalHeader, 14, 4}, 1),
     "checksum"},
};

void test_bad(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);

  expect_error(
      ErrorCode::kBadData, [&] { parse(row.bytes); }, row.word,
      kOrigin.c_str());
}

const Hostile kLegacy[] = {
    {"another-pickle", pickle(dict({{"a", "N"}})), "another pickle"},
    {"another-big-number",
     pickle("\x8a\x0a"
            "0123456789"),
     "another pickle"},
    {"no-more-than-the-magic-number", legacy_magic(), "the end"},
    {"a-system-that-is-no-dict",
     legacy_magic() + pickle("M\xE9\x03") + pickle("N"), "dict"},
    {"keys-that-are-no-list",
     legacy_head() + pickle(dict({{"a", good_legacy_tensor()}})) + pickle("N"),
     "list"},
    {"a-key-that-is-a-number",
     legacy_head() + pickle(dict({{"a", good_legacy_tensor()}})) +
         pickle(list({"K\x01"})),
     "key"},
    {"a-key-that-nobody-uses",
     torch_legacy(dict({{"a", good_legacy_tensor()}}),
                  {{"0", kFloats}, {"1", kFloats}}),
     "key"},
    {"a-key-twice",
     torch_legacy(dict({{"a", good_legacy_tensor()}}),
                  {{"0", kFloats}, {"0", kFloats}}),
     "twice"},
    {"a-storage-that-is-not-there",
     torch_legacy(dict({{"a", good_legacy_tensor()}}), {}), "storage \"0\""},
    {"another-count-than-the-pickle-says",
     torch_legacy(dict({{"a", good_legacy_tensor()}}), {{"0", "12345678"}}),
     "elements"},
    {"a-count-over-64-bits-in-both",
     legacy_head() +
         pickle(dict({{"a", tensor(legacy_storage("0", INT64_MAX), 0,
                                   integers({1}), integers({1}))}})) +
         pickle(list({text("0")})) + little(INT64_MAX, 8),
     "64 bits"},
    {"a-count-past-the-file-in-both",
     legacy_head() +
         pickle(dict({{"a", tensor(legacy_storage("0", 1 << 30), 0,
                                   integers({1}), integers({1}))}})) +
         pickle(list({text("0")})) + little(1 << 30, 8),
     "more bytes"},
    {"a-big-endian-count-in-a-little-endian-file",
     legacy_head() + pickle(dict({{"a", good_legacy_tensor()}})) +
         pickle(list({text("0")})) + std::string("\0\0\0\0\0\0\0\4", 8) +
         kFloats,
     "elements"},
};

const Hostile kUnsupported[] = {
    {"a-shell-in-a-zip-file", zip_of(kShell), "os.system"},
    {"a-shell-beside-the-weights",
     zip_of(dict({{"w", good_tensor()}, {"x", kShell}})), "os.system"},
    {"a-shell-among-the-tensor-s-arguments",
     with_arguments("_rebuild_tensor", {kShell}), "os.system"},
    {"a-shell-as-a-key", zip_of("}" + kShell + "Ns"), "os.system"},
    {"a-shell-in-a-legacy-file", legacy_of(kShell), "os.system"},
    {"a-shell-instead-of-the-magic-number", pickle(kShell), "os.system"},
    {"a-shell-instead-of-the-protocol", legacy_magic() + pickle(kShell),
     "os.system"},
    {"a-shell-in-the-system",
     legacy_magic() + pickle("M\xE9\x03") +
         pickle(dict({{"little_endian", kShell}})),
     "os.system"},
    {"a-shell-among-the-keys",
     legacy_head() + pickle(dict({{"a", good_legacy_tensor()}})) +
         pickle(list({kShell})),
     "os.system"},
    {"another-protocol", legacy_magic() + pickle("M\xE8\x03"), "1001"},
    {"torchscript",
     zip_of(dict({{"a", good_tensor()}}), {{"model/constants.pkl", "N."}}),
     "TorchScript"},
    {"torchscript-code",
     zip_of(dict({{"a", good_tensor()}}), {{"model/code/m.py", "pass"}}),
     "allow-code"},
    {"an-exported-program",
     zip_of(dict({{"a", good_tensor()}}), {{"model/archive_format", "pt2"}}),
     ".pt2"},
    {"another-zip-archive", zip_bytes({{"a.txt", "text"}}), "data.pkl"},
    {"an-empty-zip-archive", zip_bytes({}), "data.pkl"},
    {"a-compressed-pickle",
     patched(patched(torch_zip(dict({{"a", good_tensor()}}), {}),
                     kCentralMethod, 8),
             kLocalMethod, 8),
     "compression"},
    {"a-later-version",
     zip_of(dict({{"a", good_tensor()}}), {{"model/version", "11\n"}}),
     "version"},
    {"a-version-of-letters",
     zip_of(dict({{"a", good_tensor()}}), {{"model/version", "x"}}), "version"},
    {"a-list", zip_of(list({good_tensor()})), "state dict"},
    {"a-tensor", zip_of(good_tensor()), "one tensor"},
    {"a-number", zip_of("K\x01"), "state dict"},
    {"no-tensors", zip_of(dict({{"net", dict({})}, {"epoch", "K\x01"}})),
     "\"net\", \"epoch\""},
    {"a-dict-that-is-its-own-state-dict",
     zip_of("}q\x01" + text("state_dict") + "h\x01s"), "state dict"},
    {"a-storage-on-a-device",
     with_id({text("storage"), global("torch.cuda", "FloatStorage"), text("0"),
              text("cpu"), integer(4)}),
     "torch.cuda.FloatStorage"},
    {"a-negated-view",
     with_arguments("_rebuild_tensor_v2",
                    {storage("0", 4), integer(0), integers({4}), integers({1}),
                     "\x89", ordered_dict(), dict({{"neg", "\x88"}})}),
     "lazy"},
    {"the-tar-form", std::string(257, '\0') + "ustar", "tar archive"},
};

void test_unsupported(gconstpointer data) {
  const auto& row = *static_cast<const Hostile*>(data);

  expect_error(
      ErrorCode::kUnsupported, [&] { parse(row.bytes); }, row.word,
      kOrigin.c_str());
}

void test_many_names_for_one_storage(void) {
  std::vector<std::pair<std::string, std::string>> items;
  for (int i = 0; i < 100; ++i)
    items.emplace_back(
        "w" + std::to_string(i),
        tensor(storage("0", 100'000), 0, integers({100'000}), integers({1})));
  const std::string bytes =
      torch_zip(dict(items), {{"0", std::string(400'000, '\0')}});

  expect_error(
      ErrorCode::kBadData, [&] { parse(bytes); }, "share", kOrigin.c_str());
}

void test_every_truncation(void) {
  for (const std::string& whole :
       {zip_of(dict({{"a", good_tensor()}})),
        legacy_of(dict({{"a", good_legacy_tensor()}}))}) {
    for (std::size_t size = 0; size < whole.size(); ++size)
      expect_error(
          ErrorCode::kBadData, [&] { parse(whole.substr(0, size)); },
          kOrigin.c_str());
  }
}

void test_every_changed_byte(void) {
  for (const char* name : {"formats/tiny.pth", "formats/tiny_legacy.pth"}) {
    const std::string whole = read_file(test_file(name));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char byte : {'\0', '\x01', '0', 'R', '\x80', '\xFF'}) {
        std::string changed = whole;
        changed[at] = byte;
        try {
          const auto file = torchclassify::parse_torch_file(
              std::as_bytes(std::span(changed)), kOrigin);
          for (const auto& [key, view] : file.tensors)
            g_assert_cmpuint(view.size, <=, whole.size());
        } catch (const torchclassify::Error&) {
        }
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  add_rows("/torch-file-hostile/a-lie-about-tensors-is-refused", kTensors,
           test_bad);
  add_rows("/torch-file-hostile/a-lie-in-the-old-format-is-refused", kLegacy,
           test_bad);
  add_rows("/torch-file-hostile/what-is-no-state-dict-is-refused", kUnsupported,
           test_unsupported);
  g_test_add_func(
      "/torch-file-hostile/many-names-for-one-large-storage-are-refused",
      test_many_names_for_one_storage);
  g_test_add_func("/torch-file-hostile/every-truncation-is-refused",
                  test_every_truncation);
  g_test_add_func("/torch-file-hostile/no-changed-byte-leads-outside-the-file",
                  test_every_changed_byte);
  return g_test_run();
}
