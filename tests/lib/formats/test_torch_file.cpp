// SPDX-License-Identifier: LGPL-2.1-or-later
// What is found in files of torch.save(), in both of its formats.
#include <glib.h>

#include <cstring>
#include <string>
#include <vector>

#include "formats/torch_file.h"
#include "lib/formats/torch_bytes.h"
#include "support/rows.h"
#include "support/test_files.h"

using namespace support;
using torchclassify::Dtype;
using torchclassify::TensorView;
using torchclassify::TorchFile;
using torchclassify::TorchFormat;

namespace {

using Sizes = std::vector<std::int64_t>;

const std::string kFloats("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40",
                          16);  // 1, 2, 3, 4

TorchFile parse(const std::string& bytes) {
  return torchclassify::parse_torch_file(std::as_bytes(std::span(bytes)),
                                         "the/file.pth");
}

float value(const TensorView& view, std::int64_t at) {
  float result = 0;
  std::memcpy(&result, view.data + at * 4, sizeof(result));
  return result;
}

std::string one_tensor(const std::string& name, std::int64_t offset = 0) {
  return dict({{name, tensor(storage("0", 4), offset, integers({4 - offset}),
                             integers({1}))}});
}

void test_real_file(gconstpointer data) {
  const std::string bytes = read_file(
      test_file(std::string("formats/") + static_cast<const char*>(data)));

  const TorchFile file = parse(bytes);

  g_assert_cmpstr(file.container.c_str(), ==, "state_dict");
  g_assert_cmpuint(file.tensors.size(), ==, 2);
  const TensorView& weight = file.tensors.at("module.weight");
  g_assert_true(weight.dtype == Dtype::kF16);
  g_assert_true(weight.shape == Sizes({3, 2}));
  g_assert_true(weight.strides == Sizes({1, 3}));
  const std::uint16_t halves[] = {0, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500};
  g_assert_cmpmem(weight.data, weight.size, halves, sizeof(halves));
  const TensorView& count = file.tensors.at("module.count");
  g_assert_true(count.dtype == Dtype::kI64);
  g_assert_true(count.shape.empty());
  g_assert_cmpint(static_cast<int>(count.data[0]), ==, 7);
}

struct StorageType {
  const char* name;
  std::int64_t numel;  // in 16 bytes
  Dtype dtype;
};

constexpr StorageType kTypes[] = {
    {"FloatStorage", 4, Dtype::kF32}, {"DoubleStorage", 2, Dtype::kF64},
    {"HalfStorage", 8, Dtype::kF16},  {"BFloat16Storage", 8, Dtype::kBf16},
    {"LongStorage", 2, Dtype::kI64},  {"IntStorage", 4, Dtype::kI32},
    {"ShortStorage", 8, Dtype::kI16}, {"CharStorage", 16, Dtype::kI8},
    {"ByteStorage", 16, Dtype::kU8},  {"BoolStorage", 16, Dtype::kBool},
};

void test_type(gconstpointer data) {
  const auto& row = *static_cast<const StorageType*>(data);
  const std::string bytes =
      torch_zip(dict({{"a", tensor(storage("0", row.numel, row.name), 0,
                                   integers({row.numel}), integers({1}))}}),
                {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(file.tensors.at("a").dtype == row.dtype);
  g_assert_cmpuint(file.tensors.at("a").size, ==, 16);
}

void test_untyped(void) {
  const std::string untyped =
      tuple({text("storage"), global("torch.storage", "UntypedStorage"),
             text("0"), text("cpu"), integer(16)}) +
      "Q";
  const std::string bytes = torch_zip(
      dict({{"a", call(global("torch._utils", "_rebuild_tensor_v3"),
                       {untyped, integer(1), integers({7}), integers({1}),
                        "\x89", ordered_dict(), global("torch", "uint16")})}}),
      {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(file.tensors.at("a").dtype == Dtype::kU16);
  g_assert_true(file.tensors.at("a").shape == Sizes({7}));
  g_assert_cmpuint(file.tensors.at("a").size, ==, 14);
}

struct View {
  const char* name;
  std::int64_t offset;
  std::string shape, strides;
  Sizes expected;    // strides
  std::size_t size;  // bytes
  float first;
};

const View kViews[] = {
    {"whole", 0, integers({2, 2}), integers({2, 1}), {}, 16, 1},
    {"transposed", 0, integers({2, 2}), integers({1, 2}), {1, 2}, 16, 1},
    {"a-row", 2, integers({2}), integers({1}), {}, 8, 3},
    {"a-column", 1, integers({2}), integers({2}), {2}, 12, 2},
    {"a-scalar", 3, integers({}), integers({}), {}, 4, 4},
    {"a-side-of-one-with-any-stride",
     1,
     integers({1, 2}),
     integers({99, 1}),
     {},
     8,
     2},
    {"a-huge-stride-that-is-never-taken",
     1,
     integers({1, 2}),
     integers({INT64_MAX, 2}),
     {2, 2},
     12,
     2},
};

void test_view(gconstpointer data) {
  const auto& row = *static_cast<const View*>(data);
  const std::string bytes = torch_zip(
      dict(
          {{"a", tensor(storage("0", 4), row.offset, row.shape, row.strides)}}),
      {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  const TensorView& view = file.tensors.at("a");
  g_assert_true(view.strides == row.expected);
  g_assert_cmpuint(view.size, ==, row.size);
  g_assert_true(value(view, 0) == row.first);
}

void test_empty_tensor(void) {
  const std::string bytes = torch_zip(
      dict({{"a",
             tensor(storage("0", 4), 99, integers({0, 3}), integers({3, 1}))}}),
      {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(file.tensors.at("a").shape == Sizes({0, 3}));
  g_assert_cmpuint(file.tensors.at("a").size, ==, 0);
}

void test_zero_copy(void) {
  for (const std::string& bytes :
       {torch_zip(one_tensor("a"), {{"0", kFloats}}),
        torch_legacy(dict({{"a", tensor(legacy_storage("0", 4), 0,
                                        integers({4}), integers({1}))}}),
                     {{"0", kFloats}})}) {
    const TorchFile file = parse(bytes);

    const auto* data = reinterpret_cast<const char*>(file.tensors.at("a").data);
    g_assert_true(data == bytes.data() + bytes.find(kFloats));
    g_assert_true(file.swapped.empty());
  }
}

void test_tied(void) {
  const std::string stored =
      tensor(storage("0", 4), 0, integers({4}), integers({1}));
  const std::string bytes =
      torch_zip(dict({{"a", stored}, {"b", stored}}), {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(file.tensors.at("a").data == file.tensors.at("b").data);
}

void test_parameter(void) {
  const std::string bytes = torch_zip(
      dict(
          {{"a", call(global("torch._utils", "_rebuild_parameter"),
                      {tensor(storage("0", 4), 0, integers({4}), integers({1})),
                       "\x88", ordered_dict()})}}),
      {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(file.tensors.at("a").shape == Sizes({4}));
}

void test_big_endian(void) {
  std::string swapped = kFloats;
  for (std::size_t at = 0; at < swapped.size(); at += 4) {
    std::swap(swapped[at], swapped[at + 3]);
    std::swap(swapped[at + 1], swapped[at + 2]);
  }
  const std::string tail =
      pickle(list({text("0")})) + std::string("\0\0\0\0\0\0\0\4", 8) + swapped;
  const std::string stored =
      tensor(legacy_storage("0", 4), 0, integers({4}), integers({1}));
  const std::string object = dict({{"a", stored}, {"b", stored}});

  for (const std::string& bytes :
       {torch_zip(object, {{"0", swapped}}, {{"model/byteorder", "big"}}),
        legacy_magic() + pickle("M\xE9\x03") + legacy_system(false) +
            pickle(object) + tail}) {
    const TorchFile file = parse(bytes);

    g_assert_true(value(file.tensors.at("a"), 3) == 4);
    g_assert_true(file.tensors.at("a").data == file.tensors.at("b").data);
    g_assert_cmpuint(file.swapped.size(), ==, 1);
  }
}

void test_little_endian_by_big_endian_machine(void) {
  const std::string bytes =
      legacy_magic() + pickle("M\xE9\x03") + legacy_system(false) +
      pickle(dict({{"a", tensor(legacy_storage("0", 4), 0, integers({4}),
                                integers({1}))}})) +
      legacy_tail({{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(value(file.tensors.at("a"), 3) == 4);
}

void test_legacy_part(void) {
  const std::string part = tuple({text("1"), integer(1), integer(3)});
  const std::string bytes =
      torch_legacy(dict({{"a", tensor(legacy_storage("0", 4, part), 1,
                                      integers({2}), integers({1}))}}),
                   {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_true(value(file.tensors.at("a"), 0) == 3);
  g_assert_true(value(file.tensors.at("a"), 1) == 4);
}

struct Container {
  const char* name;
  std::string object;
  const char* container;
  float first;
};

const std::string kInner = one_tensor("w");
const std::string kAveraged = one_tensor("w", 2);

const Container kContainers[] = {
    {"bare", kInner, "", 1},
    {"state-dict", dict({{"epoch", "K\x05"}, {"state_dict", kInner}}),
     "state_dict", 1},
    {"model", dict({{"model", kInner}, {"optimizer", kAveraged}}), "model", 1},
    {"averaged", dict({{"state_dict", kInner}, {"state_dict_ema", kAveraged}}),
     "state_dict_ema", 3},
    {"averaged-model", dict({{"model", kInner}, {"model_ema", kAveraged}}),
     "model_ema", 3},
    {"nothing-averaged", dict({{"model", kInner}, {"model_ema", "N"}}), "model",
     1},
    {"an-empty-average", dict({{"model", kInner}, {"model_ema", "}"}}), "model",
     1},
    {"a-tensor-of-that-name",
     dict(
         {{"w", tensor(storage("0", 4), 0, integers({4}), integers({1}))},
          {"model", tensor(storage("0", 4), 0, integers({4}), integers({1}))}}),
     "", 1},
};

void test_container(gconstpointer data) {
  const auto& row = *static_cast<const Container*>(data);

  const std::string bytes = torch_zip(row.object, {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_cmpstr(file.container.c_str(), ==, row.container);
  g_assert_true(value(file.tensors.at("w"), 0) == row.first);
}

void test_other_values_ignored(void) {
  const std::string self = "}q\x09" + text("self") + "h\x09s";
  const std::string bytes = torch_zip(
      dict({{"w", tensor(storage("0", 4), 0, integers({4}), integers({1}))},
            {"epoch", "K\x05"},
            {"names", list({text("cat")})},
            {"device", call(global("torch", "device"), {text("cpu")})},
            {"self", self}}) +
          "K\x01Ns",
      {{"0", kFloats}});

  const TorchFile file = parse(bytes);

  g_assert_cmpuint(file.tensors.size(), ==, 1);
}

void test_sniff(void) {
  const auto sniff = [](const std::string& bytes) {
    return torchclassify::sniff_torch_file(std::as_bytes(std::span(bytes)));
  };

  g_assert_true(sniff(torch_zip(kInner, {})) == TorchFormat::kZip);
  g_assert_true(sniff(torch_legacy(kInner, {})) == TorchFormat::kLegacy);
  g_assert_true(sniff("L119547037146038801333356L\n.") == TorchFormat::kLegacy);
  g_assert_true(sniff(std::string(257, '\0') + "ustar") == TorchFormat::kTar);
  g_assert_true(sniff("") == TorchFormat::kNone);
  g_assert_true(sniff("PK") == TorchFormat::kNone);
  // Safetensors files whose headers have 640 bytes, and 67 million.
  g_assert_true(sniff(std::string("\x80\x02\0\0\0\0\0\0{", 9)) ==
                TorchFormat::kNone);
  g_assert_true(sniff(std::string("PK\x03\x04\0\0\0\0{", 9)) ==
                TorchFormat::kNone);
}

void test_resnet20(void) {
  const auto path = real_data_or_skip("weights/resnet20-12fca82f.th");
  if (path.empty())
    return;
  const std::string bytes = read_file(path);

  const TorchFile file = parse(bytes);

  g_assert_cmpstr(file.container.c_str(), ==, "state_dict");
  const TensorView& view = file.tensors.at("module.linear.weight");
  g_assert_true(view.dtype == Dtype::kF32);
  g_assert_true(view.shape == Sizes({10, 64}));
}

constexpr const char* kRealFiles[] = {"tiny.pth", "tiny_legacy.pth"};

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_data_func("/torch-file/what-pytorch-wrote-is-read/zip",
                       kRealFiles[0], test_real_file);
  g_test_add_data_func("/torch-file/what-pytorch-wrote-is-read/legacy",
                       kRealFiles[1], test_real_file);
  add_rows("/torch-file/a-type-of-storage-is-known", kTypes, test_type);
  add_rows("/torch-file/a-view-is-kept-as-it-is", kViews, test_view);
  add_rows("/torch-file/a-state-dict-is-found", kContainers, test_container);
  g_test_add_func("/torch-file/a-storage-without-a-type-is-read", test_untyped);
  g_test_add_func("/torch-file/an-empty-tensor-is-read", test_empty_tensor);
  g_test_add_func("/torch-file/tensors-are-views-into-the-file",
                  test_zero_copy);
  g_test_add_func("/torch-file/tied-weights-stay-tied", test_tied);
  g_test_add_func("/torch-file/a-parameter-is-a-tensor", test_parameter);
  g_test_add_func("/torch-file/big-endian-storages-are-swapped-once",
                  test_big_endian);
  g_test_add_func(
      "/torch-file/a-little-endian-file-of-a-big-endian-machine-is-read",
      test_little_endian_by_big_endian_machine);
  g_test_add_func("/torch-file/a-part-of-a-legacy-storage-is-read",
                  test_legacy_part);
  g_test_add_func("/torch-file/what-is-no-tensor-is-ignored",
                  test_other_values_ignored);
  g_test_add_func("/torch-file/the-format-is-known-by-the-first-bytes",
                  test_sniff);
  g_test_add_func("/torch-file/real-legacy-weights-are-read", test_resnet20);
  return g_test_run();
}
