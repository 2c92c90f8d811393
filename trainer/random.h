// SPDX-License-Identifier: LGPL-2.1-or-later
// Random numbers that depend on a key alone, not on who asks first.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace torchclassify {

// SplitMix64, started from a hash of the key (a seed, an epoch, an index):
// the same on every machine, and for any number of threads.
class KeyedRandom {
 public:
  explicit KeyedRandom(std::initializer_list<std::uint64_t> key) {
    for (const std::uint64_t part : key) state_ = mix(state_ + kStep + part);
  }

  std::uint64_t next() { return mix(state_ += kStep); }

  // In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  // In [0, count); count > 0 and far below 2^64, so that the bias is nothing.
  std::uint64_t below(std::uint64_t count) { return next() % count; }

  template <typename Item>
  void shuffle(std::vector<Item>& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[below(i)]);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 0;
};

}  // namespace torchclassify
