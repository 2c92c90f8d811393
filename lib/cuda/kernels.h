// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel module's functions, as it exports them. Each starts work on a
// stream (a cudaStream_t) of the current device and returns a cudaError_t. All
// pointers are to device memory; nothing is allocated and nothing waits.
#pragma once

#include <cstdint>

#include "cuda/preprocess_plan.h"
#include "cuda/top_k_kernel.h"
#include "cuda/workspace.h"

#define TORCHCLASSIFY_EXPORT __attribute__((visibility("default")))

extern "C" {

enum TorchclassifyElement {
  kTorchclassifyFloat32,
  kTorchclassifyFloat16,
  kTorchclassifyBFloat16,
};

// Pictures, turned parts and workspace as a PreprocessPlan has them. output:
// [pictures, height, width, channels].
struct TorchclassifyPreprocess {
  torchclassify::cuda::Input input;
  const torchclassify::cuda::Picture* pictures;
  const torchclassify::cuda::TurnedPart* turned;
  torchclassify::cuda::Workspace workspace;
  int picture_count;
  int turned_count;
  int most_turned_pixels;
  enum TorchclassifyElement element;
  void* output;
};
TORCHCLASSIFY_EXPORT int torchclassify_cuda_preprocess(
    const TorchclassifyPreprocess* work, void* stream);

// logits: [rows, options.classes]; top: [rows, options.k].
struct TorchclassifyTopK {
  const void* logits;
  enum TorchclassifyElement element;
  int rows;
  torchclassify::cuda::TopKOptions options;
  torchclassify::cuda::TopClass* top;
};
TORCHCLASSIFY_EXPORT int torchclassify_cuda_top_k(const TorchclassifyTopK* work,
                                                  void* stream);

}  // extern "C"
