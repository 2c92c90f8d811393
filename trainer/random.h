// SPDX-License-Identifier: LGPL-2.1-or-later
// Random numbers that depend on a key alone, not on who asks first.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>
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

  // Of mean 0 and variance 1.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  // Of this shape (> 0) and scale 1.
  double gamma(double shape);

  // In [0, 1], of these shapes (> 0).
  double beta(double a, double b) {
    const double x = gamma(a);
    const double sum = x + gamma(b);
    // Tiny shapes: both may vanish, and the whole lies at the ends.
    return sum > 0 ? x / sum : static_cast<double>(uniform() * (a + b) < a);
  }

  // True this often.
  bool chance(double probability) { return uniform() < probability; }

  // In [0, count); count > 0 and far below 2^64, so that the bias is nothing.
  std::uint64_t below(std::uint64_t count) { return next() % count; }

  template <typename Items>  // a vector or an array
  void shuffle(Items& items) {
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

// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
inline double KeyedRandom::gamma(double shape) {
  if (shape < 1) {
    const double larger = gamma(shape + 1);
    return larger * std::pow(1 - uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 &&
        std::log(1 - uniform()) < x * x / 2 + d - d * v + d * std::log(v))
      return d * v;
  }
}

}  // namespace torchclassify
