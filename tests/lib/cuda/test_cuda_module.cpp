// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel module where there is no GPU: it opens, has its functions, and
// says what is wrong instead of ending the process.
#include <dlfcn.h>
#include <glib.h>

#include "cuda/kernels.h"

namespace {

constexpr int kInsufficientDriver = 35;  // cudaErrorInsufficientDriver
constexpr int kNoDevice = 100;           // cudaErrorNoDevice

template <typename Function>
Function* function(const char* name) {
  static void* const module =
      dlopen(g_getenv("CUDA_KERNELS"), RTLD_NOW | RTLD_LOCAL);
  if (!module)
    g_error("%s", dlerror());
  auto* found = reinterpret_cast<Function*>(dlsym(module, name));
  g_assert_nonnull(reinterpret_cast<void*>(found));
  return found;
}

auto* preprocess() {
  return function<decltype(torchclassify_cuda_preprocess)>(
      "torchclassify_cuda_preprocess");
}

auto* top_k() {
  return function<decltype(torchclassify_cuda_top_k)>(
      "torchclassify_cuda_top_k");
}

bool no_gpu(int status) {
  return status == kNoDevice || status == kInsufficientDriver;
}

void test_no_work_needs_no_gpu(void) {
  const TorchclassifyPreprocess pictures{};
  const TorchclassifyTopK rows{};

  g_assert_cmpint(preprocess()(&pictures, nullptr), ==, 0);
  g_assert_cmpint(top_k()(&rows, nullptr), ==, 0);
}

// test_env hides all GPUs from the process.
void test_work_without_a_gpu_is_refused(void) {
  TorchclassifyPreprocess pictures{};
  pictures.picture_count = 1;
  pictures.input.width = 8;
  pictures.input.height = 8;
  TorchclassifyTopK rows{};
  rows.rows = 1;

  g_assert_true(no_gpu(preprocess()(&pictures, nullptr)));
  g_assert_true(no_gpu(top_k()(&rows, nullptr)));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/cuda-module/no-work-needs-no-gpu",
                  test_no_work_needs_no_gpu);
  g_test_add_func("/cuda-module/work-without-a-gpu-is-refused",
                  test_work_without_a_gpu_is_refused);
  return g_test_run();
}
