// SPDX-License-Identifier: LGPL-2.1-or-later
// The 16-bit numbers that networks take, in bits, rounded to the nearest and
// ties to even, as every GPU does.
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda/device_code.h"

namespace torchclassify::cuda {

struct Half {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};

TORCHCLASSIFY_DEVICE std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

TORCHCLASSIFY_DEVICE float float_of(std::uint32_t bits) {
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

TORCHCLASSIFY_DEVICE void store(float value, float* to) { *to = value; }

TORCHCLASSIFY_DEVICE void store(float value, BFloat16* to) {
  const std::uint32_t bits = bits_of(value);
  const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  const std::uint32_t rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  to->bits =
      static_cast<std::uint16_t>(nan ? (bits >> 16 | 0x40u) : rounded >> 16);
}

TORCHCLASSIFY_DEVICE void store(float value, Half* to) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t sign = bits >> 16 & 0x8000u;
  const std::uint32_t size = bits & 0x7fffffffu;
  std::uint32_t half = 0;
  if (size > 0x7f800000u) {  // NaN
    half = 0x7e00u;
  } else if (size >= 0x477ff000u) {  // rounds to infinity
    half = 0x7c00u;
  } else if (size >= 0x38800000u) {  // normal
    const std::uint32_t rounded = size + 0xfffu + (size >> 13 & 1u);
    half = (rounded >> 13) - (112u << 10);
  } else if (size > 0x33000000u) {  // subnormal
    const std::uint32_t shift = 126u - (size >> 23);
    const std::uint32_t digits = (size & 0x7fffffu) | 0x800000u;
    const std::uint32_t rest = digits & ((1u << shift) - 1u);
    const std::uint32_t middle = 1u << (shift - 1u);
    half = digits >> shift;
    if (rest > middle || (rest == middle && (half & 1u)))
      ++half;
  }
  to->bits = static_cast<std::uint16_t>(sign | half);
}

TORCHCLASSIFY_DEVICE float load(const float* from) { return *from; }

TORCHCLASSIFY_DEVICE float load(const BFloat16* from) {
  return float_of(std::uint32_t{from->bits} << 16);
}

TORCHCLASSIFY_DEVICE float load(const Half* from) {
  const std::uint32_t sign = (from->bits & 0x8000u) << 16;
  const std::uint32_t exponent = from->bits >> 10 & 0x1fu;
  const std::uint32_t digits = from->bits & 0x3ffu;
  if (exponent == 0)  // zero or subnormal: digits * 2^-24, exact
    return float_of(
        sign | bits_of(static_cast<float>(digits) * 5.9604644775390625e-8f));
  if (exponent == 31)
    return float_of(sign | 0x7f800000u | digits << 13);
  return float_of(sign | (exponent + 112u) << 23 | digits << 13);
}

}  // namespace torchclassify::cuda
