// SPDX-License-Identifier: LGPL-2.1-or-later
// Drivers and CUDA halves of LibTorch that fail in every way: auto takes the
// CPU, cuda is one error that says why.
#include <glib.h>

#include <fstream>

#include "color_model.h"
#include "program.h"
#include "support/rows.h"
#include "support/test_files.h"

using program::ColorModel;
using program::expect_failure;
using program::run;
using program::run_well;
using program::write_picture;
using support::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

// Null: the machine's own, or none.
constexpr char kText[] = "text";
struct Stubs {
  const char* name;
  const char* driver;  // libcuda.so.1
  const char* torch;   // libtorch_cuda.so
  const char* reason;
};
constexpr Stubs kStubs[] = {
    {"a-driver-that-is-none", kText, nullptr, "libcuda.so.1"},
    {"a-driver-without-functions", "nothing", nullptr, "does not start"},
    {"a-driver-that-does-not-start", "driver-broken", nullptr,
     "does not start"},
    {"a-driver-that-cannot-count", "driver-uncounted", nullptr,
     "does not start"},
    {"a-driver-without-devices", "driver-empty", nullptr, "sees no device"},
    {"a-driver-with-less-than-no-devices", "driver-negative", nullptr,
     "sees no device"},
    {"a-half-that-is-none", "driver-one", kText, "libtorch_cuda.so"},
    {"a-half-that-is-incomplete", "driver-one", "incomplete",
     "torchclassify_nobody_has_this"},
    {"a-half-without-anything", "driver-one", "nothing",
     "finds no CUDA device"},
    {"a-half-without-anything-for-many", "driver-many", "nothing",
     "finds no CUDA device"},
    // Which lacks its companions, or finds that there is no such device.
    {"its-own-half", "driver-one", nullptr, "CUDA"},
};

void place(const TemporaryFolder& folder, const char* name, const char* stub) {
  if (!stub)
    return;
  if (stub == kText) {
    std::ofstream(folder / name) << "text";
    return;
  }
  fs::copy_file(fs::path(g_getenv("CUDA_STUBS")) /
                    (std::string("libstub-") + stub + ".so"),
                folder / name);
}

void test_there_is_no_gpu_with(gconstpointer data) {
  const auto& c = *static_cast<const Stubs*>(data);
  const TemporaryFolder folder;
  place(folder, "libcuda.so.1", c.driver);
  place(folder, "libtorch_cuda.so", c.torch);
  const fs::path picture = folder / "red.ppm";
  write_picture(picture, 255, 0, 0);
  g_setenv("LD_LIBRARY_PATH", folder.path().c_str(), TRUE);

  const auto predict = [&](const char* device) {
    return program::Arguments{"predict",      picture.string(),
                              "--model-file", ColorModel::shared().bundle(),
                              "--device",     device};
  };
  const auto on_cpu = run_well(predict("auto"));
  const auto refused = run(predict("cuda"));
  g_unsetenv("LD_LIBRARY_PATH");

  g_assert_nonnull(strstr(on_cpu.out.c_str(), "red"));
  expect_failure(refused, program::kInternal, {"cuda", c.reason});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/cuda-fallback/there-is-no-gpu-with", kStubs,
                    test_there_is_no_gpu_with);
  return g_test_run();
}
