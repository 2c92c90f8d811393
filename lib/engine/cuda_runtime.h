// SPDX-License-Identifier: LGPL-2.1-or-later
// LibTorch's CUDA half, opened only when somebody asks for a CUDA device.
#pragma once

#include <string>

namespace torchclassify {

// How many CUDA devices LibTorch can use. Opens libcuda.so.1 first and
// LibTorch's CUDA half only if there is a device; neither is ever closed. Never
// throws: whatever is missing, the answer is 0 and reason says why.
struct CudaDevices {
  int count = 0;
  std::string reason;  // why count is 0
};
const CudaDevices& cuda_devices();

}  // namespace torchclassify
