// SPDX-License-Identifier: LGPL-2.1-or-later
// A user's options, decided or refused.
#include <glib.h>
#include <sys/stat.h>

#include <climits>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "engine/engine_options.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using namespace torchclassify;
namespace fs = std::filesystem;

// decide() looks at the file's place, not at what is in it.
ClassifierOptions cpu_options(const fs::path& model_file) {
  support::write_file(model_file, "model");
  return {.model_file = model_file.string(), .device = "cpu"};
}

void test_defaults() {
  const support::TemporaryFolder folder;
  const ClassifierOptions options = cpu_options(folder / "m");

  const EngineOptions decided = decide(options);

  g_assert_cmpstr(decided.device.c_str(), ==, "cpu");
  g_assert_true(decided.precision == Precision::kFp32);
  g_assert_cmpint(decided.batch_size, ==, 1);
  g_assert_cmpint(decided.workers, >=, 1);
  g_assert_cmpint(decided.batch_timeout_ns, ==, 3'000'000);
  g_assert_cmpint(decided.file_size, ==, 5);
}

void test_auto_without_gpu() {
  const support::TemporaryFolder folder;
  ClassifierOptions options = cpu_options(folder / "m");
  options.device = "auto";

  const EngineOptions decided = decide(options);

  g_assert_cmpstr(decided.device.c_str(), ==, "cpu");
}

void test_what_is_asked_for_stays() {
  const support::TemporaryFolder folder;
  ClassifierOptions options = cpu_options(folder / "m");
  options.precision = Precision::kBf16;
  options.batch_size = 1024;
  options.workers = 256;
  options.batch_timeout_ns = 60'000'000'000;
  options.instance_id = "north gate";

  const EngineOptions decided = decide(options);

  g_assert_true(decided.precision == Precision::kBf16);
  g_assert_cmpint(decided.batch_size, ==, 1024);
  g_assert_cmpint(decided.workers, ==, 256);
  g_assert_cmpint(decided.batch_timeout_ns, ==, 60'000'000'000);
  g_assert_cmpstr(decided.instance_id.c_str(), ==, "north gate");
}

void test_labels_and_self_check_do_not_matter() {
  const support::TemporaryFolder folder;
  const ClassifierOptions options = cpu_options(folder / "m");
  ClassifierOptions others = options;
  others.labels_file = "labels.txt";
  others.self_check = false;

  const bool equal = decide(options) == decide(others);

  g_assert_true(equal);
}

void test_link_is_its_target() {
  const support::TemporaryFolder folder;
  const ClassifierOptions options = cpu_options(folder / "m");
  ClassifierOptions linked = options;
  linked.model_file = (folder / "link").string();
  fs::create_symlink(folder / "m", folder / "link");

  const bool equal = decide(options) == decide(linked);

  g_assert_true(equal);
}

void test_replaced_file_is_another() {
  const support::TemporaryFolder folder;
  const ClassifierOptions options = cpu_options(folder / "m");
  const EngineOptions before = decide(options);
  const auto time = fs::last_write_time(folder / "m");

  support::write_file(folder / "m", "other");  // of the same length
  fs::last_write_time(folder / "m", time + std::chrono::nanoseconds(1000));

  g_assert_false(decide(options) == before);
}

struct OutOfRange {
  const char* name;
  std::function<void(ClassifierOptions&)> set;
  const char* expected;
  const char* got;
};
const OutOfRange kOutOfRange[] = {
    {"batch-size-negative", [](auto& o) { o.batch_size = -1; },
     "a batch size of 0 to 1024", "got -1"},
    {"batch-size-large", [](auto& o) { o.batch_size = 1025; },
     "a batch size of 0 to 1024", "got 1025"},
    {"batch-size-least", [](auto& o) { o.batch_size = INT_MIN; }, "batch size",
     "got -2147483648"},
    {"workers-negative", [](auto& o) { o.workers = -1; }, "workers of 0 to 256",
     "got -1"},
    {"workers-many", [](auto& o) { o.workers = 257; }, "workers of 0 to 256",
     "got 257"},
    {"timeout-negative", [](auto& o) { o.batch_timeout_ns = -1; },
     "a batch timeout in ns", "got -1"},
    {"timeout-long", [](auto& o) { o.batch_timeout_ns = 60'000'000'001; },
     "a batch timeout in ns of 0 to 60000000000", "got 60000000001"},
    {"timeout-longest", [](auto& o) { o.batch_timeout_ns = INT64_MAX; },
     "a batch timeout", "got 9223372036854775807"},
};

void test_out_of_range(gconstpointer data) {
  const OutOfRange& row = *static_cast<const OutOfRange*>(data);
  const support::TemporaryFolder folder;
  ClassifierOptions options = cpu_options(folder / "m");
  row.set(options);

  support::expect_error(
      ErrorCode::kInvalidArgument, [&options] { decide(options); },
      row.expected, row.got);
}

struct BadFile {
  const char* name;
  const char* path;  // in a folder with the file m and the folder d
  ErrorCode code;
  const char* word;
};
const std::string kLongName(300, 'x');
const BadFile kBadFiles[] = {
    {"missing", "absent", ErrorCode::kNotFound, "absent"},
    {"in-a-missing-folder", "absent/m", ErrorCode::kNotFound, "absent/m"},
    {"below-a-file", "m/m", ErrorCode::kNotFound, "m/m"},
    {"folder", "d", ErrorCode::kCannotRead, "something else"},
    {"folder-with-a-slash", "d/", ErrorCode::kCannotRead, "something else"},
    {"named-pipe", "pipe", ErrorCode::kCannotRead, "something else"},
    {"dangling-link", "dangling", ErrorCode::kNotFound, "dangling"},
    {"link-to-itself", "circle", ErrorCode::kCannotRead, "circle"},
    {"name-too-long", kLongName.c_str(), ErrorCode::kCannotRead, "xxx"},
};

void test_bad_file(gconstpointer data) {
  const BadFile& bad = *static_cast<const BadFile*>(data);
  const support::TemporaryFolder folder;
  ClassifierOptions options = cpu_options(folder / "m");
  fs::create_directory(folder / "d");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_symlink("circle", folder / "circle");
  g_assert_cmpint(mkfifo((folder / "pipe").c_str(), 0600), ==, 0);
  options.model_file = (folder / bad.path).string();

  support::expect_error(
      bad.code, [&options] { decide(options); }, bad.word);
}

void test_no_file() {
  support::expect_error(
      ErrorCode::kInvalidArgument, [] { decide({.device = "cpu"}); },
      "expected a model file");
}

struct BadDevice {
  const char* name;
  const char* device;
  ErrorCode code;
};
const BadDevice kBadDevices[] = {
    {"toaster", "toaster", ErrorCode::kInvalidArgument},
    {"empty", "", ErrorCode::kInvalidArgument},
    {"capitals", "CPU", ErrorCode::kInvalidArgument},
    {"cpu-with-number", "cpu:0", ErrorCode::kInvalidArgument},
    {"space-behind", "cpu ", ErrorCode::kInvalidArgument},
    {"cuda-colon", "cuda:", ErrorCode::kInvalidArgument},
    {"cuda-negative", "cuda:-1", ErrorCode::kInvalidArgument},
    {"cuda-plus", "cuda:+1", ErrorCode::kInvalidArgument},
    {"cuda-letter", "cuda:x", ErrorCode::kInvalidArgument},
    {"cuda-number-and-letter", "cuda:0x", ErrorCode::kInvalidArgument},
    {"cuda-beyond-numbers", "cuda:99999999999", ErrorCode::kInvalidArgument},
    {"cudart", "cudart", ErrorCode::kInvalidArgument},
    // The tests' environment shows no GPU.
    {"cuda-without-gpu", "cuda", ErrorCode::kDeviceUnavailable},
    {"cuda-0-without-gpu", "cuda:0", ErrorCode::kDeviceUnavailable},
    {"cuda-300-without-gpu", "cuda:300", ErrorCode::kDeviceUnavailable},
};

void test_bad_device(gconstpointer data) {
  const BadDevice& bad = *static_cast<const BadDevice*>(data);
  const support::TemporaryFolder folder;
  ClassifierOptions options = cpu_options(folder / "m");
  options.device = bad.device;
  const std::string quoted = std::string("\"") + bad.device + "\"";

  support::expect_error(
      bad.code, [&options] { decide(options); }, quoted.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/engine-options/zeros-are-decided", test_defaults);
  g_test_add_func("/engine-options/auto-without-a-gpu-is-the-cpu",
                  test_auto_without_gpu);
  g_test_add_func("/engine-options/what-is-asked-for-stays",
                  test_what_is_asked_for_stays);
  g_test_add_func("/engine-options/labels-and-self-check-make-no-other-engine",
                  test_labels_and_self_check_do_not_matter);
  g_test_add_func("/engine-options/a-link-is-its-target",
                  test_link_is_its_target);
  g_test_add_func("/engine-options/a-replaced-file-is-another-model",
                  test_replaced_file_is_another);
  support::add_rows("/engine-options/refuses-numbers-out-of-range", kOutOfRange,
                    test_out_of_range);
  support::add_rows("/engine-options/refuses-what-is-no-file", kBadFiles,
                    test_bad_file);
  g_test_add_func("/engine-options/refuses-no-file-name", test_no_file);
  support::add_rows("/engine-options/refuses-devices", kBadDevices,
                    test_bad_device);
  return g_test_run();
}
