// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/device.h"

#include <charconv>

#include "engine/cuda_runtime.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// The number behind "cuda:", 0 for "cuda", -1 for anything else.
int cuda_index(const std::string& device) {
  if (device == "cuda")
    return 0;
  if (!device.starts_with("cuda:"))
    return -1;
  int index = -1;
  const char* const end = device.data() + device.size();
  const auto parsed = std::from_chars(device.data() + 5, end, index);
  return parsed.ec == std::errc() && parsed.ptr == end ? index : -1;
}

torch::Device cuda_device(int index, const std::string& asked) {
  const CudaDevices& devices = cuda_devices();
  if (devices.count == 0)
    throw Error(ErrorCode::kDeviceUnavailable,
                "expected a CUDA device for \"" + asked +
                    "\", found none: " + devices.reason);
  if (index >= devices.count)
    throw Error(ErrorCode::kDeviceUnavailable,
                "expected a CUDA device below cuda:" +
                    std::to_string(devices.count) + ", got \"" + asked + "\"");
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
}

}  // namespace

torch::Device resolve_device(const std::string& device) {
  if (device == "cpu")
    return torch::kCPU;
  if (device == "auto")
    return cuda_devices().count > 0 ? torch::Device(torch::kCUDA, 0)
                                    : torch::Device(torch::kCPU);
  const int index = cuda_index(device);
  if (index < 0)
    throw Error(ErrorCode::kInvalidArgument,
                "expected auto, cpu, cuda or cuda:N as the device, got \"" +
                    device + "\"");
  return cuda_device(index, device);
}

Precision resolve_precision(Precision precision, const torch::Device& device) {
  if (precision != Precision::kAuto)
    return precision;
  return device.is_cuda() ? Precision::kFp16 : Precision::kFp32;
}

torch::Dtype dtype_of(Precision precision) {
  switch (precision) {
    case Precision::kBf16:
      return torch::kBFloat16;
    case Precision::kFp16:
      return torch::kHalf;
    case Precision::kAuto:
    case Precision::kFp32:
      break;
  }
  return torch::kFloat32;
}

}  // namespace torchclassify
