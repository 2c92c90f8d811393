// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cuda/kernels.h"

#include "cuda/preprocess_kernel.h"
#include "cuda/top_k_kernel.h"
#include "cuda/upright_kernel.h"

namespace torchclassify::cuda {
namespace {

constexpr int kThreads = 256;

__device__ Block this_block() {
  return {static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y),
          static_cast<int>(blockIdx.z), static_cast<int>(threadIdx.x),
          static_cast<int>(blockDim.x)};
}

__global__ void upright_kernel(const TurnedPart* parts, Workspace workspace) {
  make_upright(this_block(), parts, workspace);
}

__global__ void taps_kernel(Input input, const Picture* pictures,
                            Workspace workspace) {
  make_taps(this_block(), input, pictures, workspace);
}

template <typename Element>
__global__ void __launch_bounds__(kThreads)
    preprocess_kernel(Input input, const Picture* pictures, Workspace workspace,
                      Element* output) {
  preprocess(this_block(), input, pictures, workspace, output);
}

template <typename Element>
__global__ void top_k_kernel(const Element* logits, TopKOptions options,
                             TopClass* top) {
  top_k(this_block(), logits, options, top);
}

dim3 dimensions(const Grid& grid) {
  return {static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y),
          static_cast<unsigned>(grid.z)};
}

template <typename Element>
void start_preprocess(const TorchclassifyPreprocess& work,
                      cudaStream_t stream) {
  const Grid grid = preprocess_grid(work.input, work.picture_count);
  preprocess_kernel<<<dimensions(grid), kThreads, 0, stream>>>(
      work.input, work.pictures, work.workspace,
      static_cast<Element*>(work.output));
}

template <typename Element>
void start_top_k(const TorchclassifyTopK& work, cudaStream_t stream) {
  top_k_kernel<<<static_cast<unsigned>(work.rows), kThreads, 0, stream>>>(
      static_cast<const Element*>(work.logits), work.options, work.top);
}

}  // namespace
}  // namespace torchclassify::cuda

using namespace torchclassify::cuda;

int torchclassify_cuda_preprocess(const TorchclassifyPreprocess* work,
                                  void* stream_of) {
  const auto stream = static_cast<cudaStream_t>(stream_of);
  if (work->picture_count == 0)
    return cudaSuccess;
  if (work->turned_count > 0) {
    const Grid grid =
        upright_grid(work->most_turned_pixels, work->turned_count);
    upright_kernel<<<dimensions(grid), kThreads, 0, stream>>>(work->turned,
                                                              work->workspace);
  }
  const Grid grid = taps_grid(work->input, work->picture_count);
  taps_kernel<<<dimensions(grid), kTapsPixels, 0, stream>>>(
      work->input, work->pictures, work->workspace);
  switch (work->element) {
    case kTorchclassifyFloat32:
      start_preprocess<float>(*work, stream);
      break;
    case kTorchclassifyFloat16:
      start_preprocess<Half>(*work, stream);
      break;
    case kTorchclassifyBFloat16:
      start_preprocess<BFloat16>(*work, stream);
      break;
  }
  return cudaGetLastError();
}

int torchclassify_cuda_top_k(const TorchclassifyTopK* work, void* stream_of) {
  const auto stream = static_cast<cudaStream_t>(stream_of);
  if (work->rows == 0)
    return cudaSuccess;
  switch (work->element) {
    case kTorchclassifyFloat32:
      start_top_k<float>(*work, stream);
      break;
    case kTorchclassifyFloat16:
      start_top_k<Half>(*work, stream);
      break;
    case kTorchclassifyBFloat16:
      start_top_k<BFloat16>(*work, stream);
      break;
  }
  return cudaGetLastError();
}
