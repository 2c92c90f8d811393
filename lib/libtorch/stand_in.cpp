// SPDX-License-Identifier: LGPL-2.1-or-later
// A library of the name libtorch.so that holds nothing. AOTInductor's code asks
// for that name, and the real one asks for all of CUDA, also where there is
// none; what the code uses of it is in libtorch_cpu.so, which it asks for too.

extern "C" {
extern const int torchclassify_stand_in;
const int torchclassify_stand_in = 1;
}
