// SPDX-License-Identifier: LGPL-2.1-or-later
// A CUDA driver, as far as it is asked before LibTorch is: what cuInit() and
// cuDeviceGetCount() return, and how many devices there are.
extern "C" {

int cuInit(unsigned) { return STUB_INIT; }

int cuDeviceGetCount(int* count) {
  *count = STUB_DEVICES;
  return STUB_COUNT;
}

}  // extern "C"
