// SPDX-License-Identifier: LGPL-2.1-or-later
// What is read from the source in an AOTInductor package.
#include <glib.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/aot_package.h"
#include "engine/aot_source.h"
#include "support/rows.h"

namespace {
using namespace torchclassify;

using Sides = std::vector<std::optional<std::int64_t>>;

constexpr char kFixed[] = R"(
    inputs_info_[0].name = "arg4_1";
    constants_info_[0].name = "conv_weight";
    outputs_info_[0].name = "output0";
    int32_t arg4_1_expected_dtype = aoti_torch_dtype_float32();
    if (arg4_1_expected_dtype != arg4_1_dtype) {
    if (1 != arg4_1_size[0]) {
    if (3 != arg4_1_size[1]) {
    if (32 != arg4_1_size[2]) {
    if (48 != arg4_1_size[3]) {
           << "expected: 32, " << "but got: " << arg4_1_size[3]
    if (4608 != arg4_1_stride[0]) {
    if (1536 != arg4_1_stride[1]) {
    if (48 != arg4_1_stride[2]) {
    if (1 != arg4_1_stride[3]) {
)";
constexpr char kFree[] = R"(
    inputs_info_[0].name = "x";
    outputs_info_[0].name = "output0";
    int32_t x_expected_dtype = aoti_torch_dtype_uint8();
    if (x_size[0] < 2) {
    if (x_size[0] > 64) {
    if (28 != x_size[1]) {
    if (28 != x_size[2]) {
    if (1 != x_stride[3]) {
)";
constexpr char kTwo[] = R"(
    inputs_info_[0].name = "x";
    inputs_info_[1].name = "y";
    outputs_info_[0].name = "output0";
    outputs_info_[1].name = "output1";
    if (2 != y_size[0]) {
)";

struct Source {
  const char* name;
  std::string text;
  int inputs;
  int outputs;
  const char* dtype;
  Sides sides;
  std::int64_t largest_batch;
};
const Source kSources[] = {
    {"with-fixed-sides", kFixed, 1, 1, "float32", {1, 3, 32, 48}, 0},
    {"with-a-free-batch", kFree, 1, 1, "uint8", {{}, 28, 28, {}}, 64},
    {"of-two-inputs", kTwo, 2, 2, "", {}, 0},
    {"that-is-empty", "", 0, 0, "", {}, 0},
    {"without-line-feed", "inputs_info_[0].name = \"x", 1, 0, "", {}, 0},
    {"with-a-side-beyond-all",
     "inputs_info_[0].name = \"x\";\nif (3 != x_size[9999999]) {\n", 1, 0, "",
     Sides(), 0},
    {"with-a-negative-side",
     "inputs_info_[0].name = \"x\";\nif (3 != x_size[-1]) {\n", 1, 0, "",
     Sides(), 0},
    {"with-a-number-beyond-64-bits",
     "inputs_info_[0].name = \"x\";\nif (99999999999999999999 != x_size[0])\n",
     1, 0, "", Sides(), 0},
    {"without-the-inputs-name", "if (3 != _size[1]) {\n", 0, 0, "", Sides(), 0},
};

void test_source(gconstpointer data) {
  const Source& source = *static_cast<const Source*>(data);

  const AotSource read = read_aot_source(source.text);

  g_assert_cmpint(read.inputs, ==, source.inputs);
  g_assert_cmpint(read.outputs, ==, source.outputs);
  g_assert_cmpstr(read.dtype.c_str(), ==, source.dtype);
  g_assert_true(read.sides == source.sides);
  g_assert_cmpint(read.largest_batch, ==, source.largest_batch);
}

void test_strides() {
  const AotSource read = read_aot_source(kFixed);

  g_assert_true(read.strides == Sides({4608, 1536, 48, 1}));
}

struct Isa {
  const char* name;
  std::vector<std::string> isa;
  const char* missing;
};
const Isa kIsas[] = {
    {"nothing", {}, ""},
    {"other-processors-words", {"NEON", "INVALID_VEC_ISA"}, ""},
    {"what-no-processor-has", {"AVX9000"}, "AVX9000"},
};

void test_isa(gconstpointer data) {
  const Isa& row = *static_cast<const Isa*>(data);

  const std::string missing = missing_isa(row.isa);

#if defined(__x86_64__)
  g_assert_cmpstr(missing.c_str(), ==, row.missing);
#else
  g_assert_cmpstr(missing.c_str(), ==, "");
#endif
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/aot-source/source", kSources, test_source);
  g_test_add_func("/aot-source/strides-are-read", test_strides);
  support::add_rows("/aot-source/processor-lacks", kIsas, test_isa);
  return g_test_run();
}
