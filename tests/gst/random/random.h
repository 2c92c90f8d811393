// SPDX-License-Identifier: LGPL-2.1-or-later
// Choices that a seed decides, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace support {

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}

  std::uint64_t bits() { return generator_(); }
  int within(int least, int most) {
    return least + static_cast<int>(
                       bits() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(int percent) { return within(0, 99) < percent; }
  template <typename T, std::size_t kCount>
  const T& pick(const T (&all)[kCount]) {
    return all[bits() % kCount];
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace support
