// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cuda_driver.h"

#include <dlfcn.h>
#include <glib.h>

#include <cstdint>

namespace support {
namespace {

// As cuda.h declares them.
using Device = int;
using Context = void*;
using DevicePointer = unsigned long long;

DevicePointer address_of(const void* memory) {
  return reinterpret_cast<std::uintptr_t>(memory);
}

}  // namespace

template <typename Function>
Function* CudaDriver::function(const char* name) const {
  auto* found = reinterpret_cast<Function*>(dlsym(library_, name));
  if (!found)
    g_error("expected %s in libcuda.so.1, found none", name);
  return found;
}

void CudaDriver::check(int status, const char* name) const {
  if (status != 0)
    g_error("%s failed: CUresult %d", name, status);
}

std::unique_ptr<CudaDriver> CudaDriver::open(std::string* why) {
  std::unique_ptr<CudaDriver> driver(new CudaDriver);
  driver->library_ = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!driver->library_) {
    *why = "no CUDA driver";
    return nullptr;
  }
  int devices = 0;
  if (driver->function<int(unsigned)>("cuInit")(0) != 0 ||
      driver->function<int(int*)>("cuDeviceGetCount")(&devices) != 0 ||
      devices < 1) {
    *why = "no CUDA device";
    return nullptr;
  }
  Device device = 0;
  Context context = nullptr;
  driver->check(driver->function<int(Device*, int)>("cuDeviceGet")(&device, 0),
                "cuDeviceGet");
  driver->check(driver->function<int(Context*, Device)>(
                    "cuDevicePrimaryCtxRetain")(&context, device),
                "cuDevicePrimaryCtxRetain");
  driver->check(driver->function<int(Context)>("cuCtxSetCurrent")(context),
                "cuCtxSetCurrent");
  return driver;
}

void* CudaDriver::allocate(std::size_t bytes) const {
  DevicePointer memory = 0;
  check(function<int(DevicePointer*, std::size_t)>("cuMemAlloc_v2")(
            &memory, bytes > 0 ? bytes : 1),
        "cuMemAlloc");
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(memory));
}

void CudaDriver::release(void* memory) const {
  check(function<int(DevicePointer)>("cuMemFree_v2")(address_of(memory)),
        "cuMemFree");
}

void CudaDriver::write(void* to, const void* from, std::size_t bytes) const {
  check(function<int(DevicePointer, const void*, std::size_t)>(
            "cuMemcpyHtoD_v2")(address_of(to), from, bytes),
        "cuMemcpyHtoD");
}

void CudaDriver::read(void* to, const void* from, std::size_t bytes) const {
  check(function<int()>("cuCtxSynchronize")(), "cuCtxSynchronize");
  check(function<int(void*, DevicePointer, std::size_t)>("cuMemcpyDtoH_v2")(
            to, address_of(from), bytes),
        "cuMemcpyDtoH");
}

}  // namespace support
