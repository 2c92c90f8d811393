// SPDX-License-Identifier: LGPL-2.1-or-later
#include "counted_memory.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> live = 0;
std::atomic<std::size_t> peak = 0;

}  // namespace

namespace support {

std::size_t live_bytes() { return live; }
std::size_t peak_bytes() { return peak; }
void start_peak() { peak = live.load(); }

}  // namespace support

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size);
  if (!memory)
    throw std::bad_alloc();
  live += malloc_usable_size(memory);
  peak = std::max(peak.load(), live.load());
  return memory;
}

void operator delete(void* memory) noexcept {
  live -= malloc_usable_size(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
