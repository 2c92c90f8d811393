// SPDX-License-Identifier: LGPL-2.1-or-later
// Marks inner loops that are compiled for several processors.
#pragma once

// One build serves all x86-64 processors: the loader picks the version.
// Elsewhere the compiler's own vector instructions are part of the base.
#if defined(__x86_64__) && defined(__linux__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TORCHCLASSIFY_VECTORISED \
  __attribute__((target_clones("default", "avx2")))
#else
#define TORCHCLASSIFY_VECTORISED
#endif
