// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/cuda_runtime.h"

#include <dlfcn.h>

#include <torch/cuda.h>

namespace torchclassify {
namespace {

using CuInit = int (*)(unsigned);
using CuDeviceGetCount = int (*)(int*);

// What the driver says, without LibTorch.
CudaDevices ask_driver() {
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!driver)
    return {0, "no NVIDIA driver (" + std::string(dlerror()) + ")"};
  const auto init = reinterpret_cast<CuInit>(dlsym(driver, "cuInit"));
  const auto get_count =
      reinterpret_cast<CuDeviceGetCount>(dlsym(driver, "cuDeviceGetCount"));
  int count = 0;
  if (!init || !get_count || init(0) != 0 || get_count(&count) != 0)
    return {0, "the NVIDIA driver does not start"};
  if (count < 1)
    return {0, "the NVIDIA driver sees no device"};
  return {count, ""};
}

CudaDevices find_devices() {
  const CudaDevices driver = ask_driver();
  if (driver.count == 0)
    return driver;
  // Before the first CUDA question: LibTorch remembers the answer.
  if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL))
    return {0, "LibTorch's CUDA half does not open (" + std::string(dlerror()) +
                   ")"};
  const int count = static_cast<int>(torch::cuda::device_count());
  if (count == 0)
    return {0, "LibTorch finds no CUDA device that it can use"};
  return {count, ""};
}

}  // namespace

const CudaDevices& cuda_devices() {
  static const CudaDevices devices = find_devices();
  return devices;
}

}  // namespace torchclassify
