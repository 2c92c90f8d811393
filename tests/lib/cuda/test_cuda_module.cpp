// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel module where there is no GPU: it opens, has its functions, and
// says what is wrong instead of ending the process.
#include <glib.h>

#include "kernel_module.h"

namespace {

constexpr int kInsufficientDriver = 35;  // cudaErrorInsufficientDriver
constexpr int kNoDevice = 100;           // cudaErrorNoDevice

bool no_gpu(int status) {
  return status == kNoDevice || status == kInsufficientDriver;
}

void test_no_work_needs_no_gpu(void) {
  const TorchclassifyPreprocess pictures{};
  const TorchclassifyTopK rows{};

  g_assert_cmpint(support::preprocess_on_device(pictures), ==, 0);
  g_assert_cmpint(support::top_k_on_device(rows), ==, 0);
}

// test_env hides all GPUs from the process.
void test_work_without_a_gpu_is_refused(void) {
  TorchclassifyPreprocess pictures{};
  pictures.picture_count = 1;
  pictures.input.width = 8;
  pictures.input.height = 8;
  TorchclassifyTopK rows{};
  rows.rows = 1;

  g_assert_true(no_gpu(support::preprocess_on_device(pictures)));
  g_assert_true(no_gpu(support::top_k_on_device(rows)));
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
