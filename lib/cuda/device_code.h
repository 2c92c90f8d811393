// SPDX-License-Identifier: LGPL-2.1-or-later
// What kernels are written in: CUDA C++ for nvcc; for any other compiler C++ in
// which one thread does a whole block's work, so that tests run every line
// without a GPU.
//
// A kernel is a function template whose first argument is a Block. It loops
// over its block's work in steps of block.threads, never returns before
// sync(), and keeps what threads share in TORCHCLASSIFY_SHARED variables.
#pragma once

#ifdef __CUDACC__
#define TORCHCLASSIFY_DEVICE __device__ inline
#define TORCHCLASSIFY_SHARED __shared__
#else
#define TORCHCLASSIFY_DEVICE inline
#define TORCHCLASSIFY_SHARED static thread_local
#endif

namespace torchclassify::cuda {

struct Grid {
  int x;
  int y;
  int z;
};

// So many of each items.
inline int blocks(int items, int each) { return (items + each - 1) / each; }

// One of a grid's blocks, and which of its threads this is.
struct Block {
  int x;
  int y;
  int z;
  int thread;
  int threads;
};

// No thread goes on before all of the block are here.
TORCHCLASSIFY_DEVICE void sync() {
#ifdef __CUDACC__
  __syncthreads();
#endif
}

#ifndef __CUDACC__
// What a launch does.
template <typename Kernel>
void for_each_block(const Grid& grid, Kernel kernel) {
  for (int z = 0; z < grid.z; ++z) {
    for (int y = 0; y < grid.y; ++y) {
      for (int x = 0; x < grid.x; ++x) kernel(Block{x, y, z, 0, 1});
    }
  }
}
#endif

}  // namespace torchclassify::cuda
