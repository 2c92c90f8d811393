// SPDX-License-Identifier: LGPL-2.1-or-later
// The module's functions, from the file that CUDA_KERNELS names.
#pragma once

#include <dlfcn.h>
#include <glib.h>

#include "cuda/kernels.h"

namespace support {

template <typename Function>
Function* kernel_function(const char* name) {
  static void* const module =
      dlopen(g_getenv("CUDA_KERNELS"), RTLD_NOW | RTLD_LOCAL);
  if (!module)
    g_error("%s", dlerror());
  auto* found = reinterpret_cast<Function*>(dlsym(module, name));
  if (!found)
    g_error("%s", dlerror());
  return found;
}

inline int preprocess_on_device(const TorchclassifyPreprocess& work) {
  return kernel_function<decltype(torchclassify_cuda_preprocess)>(
      "torchclassify_cuda_preprocess")(&work, nullptr);
}

inline int top_k_on_device(const TorchclassifyTopK& work) {
  return kernel_function<decltype(torchclassify_cuda_top_k)>(
      "torchclassify_cuda_top_k")(&work, nullptr);
}

}  // namespace support
