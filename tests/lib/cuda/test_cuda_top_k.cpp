// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel's top classes are the engine's.
#include <glib.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "cuda/top_k_kernel.h"
#include "engine/top_k.h"

using namespace torchclassify;
using namespace torchclassify::cuda;

namespace {

// With ties, as quantised logits have, or without.
template <typename Element>
std::vector<Element> random_logits(std::mt19937& random, int count, bool ties) {
  std::normal_distribution<float> normal(0, 6);
  std::vector<Element> logits(static_cast<std::size_t>(count));
  for (Element& logit : logits) {
    const float value = normal(random);
    store(ties ? std::round(value) : value, &logit);
  }
  return logits;
}

template <typename Element>
std::vector<float> as_floats(const std::vector<Element>& elements) {
  std::vector<float> floats;
  for (const Element& element : elements) floats.push_back(load(&element));
  return floats;
}

template <typename Element>
std::vector<TopClass> kernel_top(const std::vector<Element>& logits, int rows,
                                 const TopKOptions& options) {
  std::vector<TopClass> top(static_cast<std::size_t>(rows * options.k));
  for_each_block({rows, 1, 1}, [&](const Block& block) {
    cuda::top_k(block, logits.data(), options, top.data());
  });
  return top;
}

template <typename Element>
void assert_the_engine_s(std::mt19937& random, const TopKOptions& options,
                         bool ties) {
  const int rows = 1 + static_cast<int>(random() % 4);
  const auto logits =
      random_logits<Element>(random, rows * options.classes, ties);
  const std::vector<float> floats = as_floats(logits);

  const std::vector<TopClass> got = kernel_top(logits, rows, options);

  for (int row = 0; row < rows; ++row) {
    const auto expected = torchclassify::top_k(
        std::span(floats).subspan(
            static_cast<std::size_t>(row * options.classes),
            static_cast<std::size_t>(options.classes)),
        options.activation, options.temperature,
        static_cast<std::size_t>(options.k));
    for (int i = 0; i < options.k; ++i) {
      const TopClass& top = got[static_cast<std::size_t>(row * options.k + i)];
      const Prediction& other = expected[static_cast<std::size_t>(i)];
      g_assert_cmpint(top.label_id, ==, other.label_id);
      // The same sums in another order, in double: at most the last bit.
      g_assert_true(top.confidence == other.confidence ||
                    std::nextafter(top.confidence, other.confidence) ==
                        other.confidence);
    }
  }
}

void test_the_engine_s_classes(void) {
  std::mt19937 random(11);
  constexpr int kCounts[] = {1, 2, 5, 43, 255, 256, 257, 1000};
  constexpr Activation kActivations[] = {
      Activation::kSoftmax, Activation::kSigmoid, Activation::kNone};
  for (int i = 0; i < 3000; ++i) {
    const int classes = kCounts[random() % std::size(kCounts)];
    const int k = std::min(classes, 1 + static_cast<int>(random() % 6));
    const TopKOptions options = {classes, i % 50 == 0 ? classes : k,
                                 kActivations[random() % 3],
                                 i % 3 == 0 ? 1.7 : 1.0};
    const bool ties = i % 2 == 0;
    assert_the_engine_s<float>(random, options, ties);
    assert_the_engine_s<Half>(random, options, ties);
    assert_the_engine_s<BFloat16>(random, options, ties);
  }
}

// Wherever it is, and without a word on the other rows.
void test_what_is_not_finite_is_told(void) {
  constexpr int kClasses = 300;
  const TopKOptions options = {kClasses, 2, Activation::kSoftmax, 1.0};
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (int at = 0; at < kClasses; ++at) {
      std::vector<float> logits(2 * kClasses, 1.0f);
      logits[static_cast<std::size_t>(kClasses + at)] = bad;

      const auto top = kernel_top(logits, 2, options);

      g_assert_cmpint(top[0].label_id, ==, 0);
      g_assert_cmpint(top[1].label_id, ==, 1);
      g_assert_cmpint(top[2].label_id, ==, -1);
    }
  }
}

void test_large_logits_do_not_overflow(void) {
  const float largest = std::numeric_limits<float>::max();
  const std::vector<float> logits = {-largest, largest, 0};

  const auto top = kernel_top(logits, 1, {3, 3, Activation::kSoftmax, 1.0});

  g_assert_cmpint(top[0].label_id, ==, 1);
  g_assert_cmpfloat(top[0].confidence, ==, 1);
  g_assert_cmpint(top[2].label_id, ==, 0);
  g_assert_cmpfloat(top[2].confidence, ==, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/cuda-top-k/the-engine-s-classes",
                  test_the_engine_s_classes);
  g_test_add_func("/cuda-top-k/what-is-not-finite-is-told",
                  test_what_is_not_finite_is_told);
  g_test_add_func("/cuda-top-k/large-logits-do-not-overflow",
                  test_large_logits_do_not_overflow);
  return g_test_run();
}
