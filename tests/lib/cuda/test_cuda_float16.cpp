// SPDX-License-Identifier: LGPL-2.1-or-later
// 16-bit numbers against their definition.
#include <glib.h>

#include <cmath>
#include <limits>
#include <random>

#include "cuda/float16.h"

using namespace torchclassify::cuda;

namespace {

template <typename Number>
float value_of(int bits) {
  const Number number = {static_cast<std::uint16_t>(bits)};
  return load(&number);
}

template <typename Number>
int stored(float value) {
  Number number;
  store(value, &number);
  return number.bits;
}

struct Form {
  int digits;    // behind the point
  int exponent;  // bits
};

// From the parts that the bits stand for.
double defined(int bits, const Form& form) {
  const int bias = (1 << (form.exponent - 1)) - 1;
  const int exponent = bits >> form.digits & ((1 << form.exponent) - 1);
  const double digits =
      static_cast<double>(bits & ((1 << form.digits) - 1)) / (1 << form.digits);
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == (1 << form.exponent) - 1)
    return digits > 0 ? std::numeric_limits<double>::quiet_NaN()
                      : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0)
    return sign * std::ldexp(digits, 1 - bias);
  return sign * std::ldexp(1 + digits, exponent - bias);
}

template <typename Number>
void assert_numbers_are_read(const Form& form) {
  for (int bits = 0; bits < 65536; ++bits) {
    const double expected = defined(bits, form);
    const float got = value_of<Number>(bits);
    g_assert_true(std::isnan(expected) ? std::isnan(got) : got == expected);
    g_assert_true(std::isnan(expected) || stored<Number>(got) == bits);
  }
  g_assert_true(std::isnan(value_of<Number>(
      stored<Number>(std::numeric_limits<float>::quiet_NaN()))));
}

void test_halves_are_read(void) { assert_numbers_are_read<Half>({10, 5}); }
void test_bfloats_are_read(void) { assert_numbers_are_read<BFloat16>({7, 8}); }

// Neighbours in bits are neighbours in value.
template <typename Number>
void assert_nearest(float value, const Form& form) {
  const int bits = stored<Number>(value);
  const int infinity = ((1 << form.exponent) - 1) << form.digits;
  const int size = bits & 0x7fff;
  g_assert_cmpint(std::signbit(value), ==, bits >> 15);
  g_assert_cmpint(size, <=, infinity);
  // Infinity is where one more step would be.
  const auto place = [&](int at) {
    return at < infinity
               ? defined(at, form)
               : 2 * defined(infinity - 1, form) - defined(infinity - 2, form);
  };
  const double exact =
      std::min(std::fabs(static_cast<double>(value)), place(infinity));
  const double away = std::fabs(place(size) - exact);
  for (const int other : {size - 1, size + 1}) {
    if (other < 0 || other > infinity)
      continue;
    const double further = std::fabs(place(other) - exact);
    g_assert_true(away < further || (away == further && size % 2 == 0));
  }
}

template <typename Number>
void assert_all_are_nearest(const Form& form) {
  std::mt19937 random(7);
  for (int i = 0; i < 2'000'000; ++i) {
    const float value = float_of(static_cast<std::uint32_t>(random()));
    if (!std::isnan(value))
      assert_nearest<Number>(value, form);
  }
  // Ties, and what is next to them.
  for (int bits = 0; bits < 0x7f00; ++bits) {
    const double low = defined(bits, form);
    const double high = defined(bits + 1, form);
    if (!std::isfinite(high))
      continue;
    const auto middle = static_cast<float>((low + high) / 2);
    for (const float value : {middle, std::nextafter(middle, 0.0f),
                              std::nextafter(middle, 1e38f), -middle})
      assert_nearest<Number>(value, form);
  }
}

void test_halves_are_the_nearest(void) {
  assert_all_are_nearest<Half>({10, 5});
}
void test_bfloats_are_the_nearest(void) {
  assert_all_are_nearest<BFloat16>({7, 8});
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/cuda-float16/halves-are-read", test_halves_are_read);
  g_test_add_func("/cuda-float16/bfloats-are-read", test_bfloats_are_read);
  g_test_add_func("/cuda-float16/halves-are-the-nearest",
                  test_halves_are_the_nearest);
  g_test_add_func("/cuda-float16/bfloats-are-the-nearest",
                  test_bfloats_are_the_nearest);
  return g_test_run();
}
