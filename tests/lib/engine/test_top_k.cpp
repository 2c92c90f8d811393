// SPDX-License-Identifier: LGPL-2.1-or-later
// Logits to the classes that are reported.
#include <glib.h>

#include <cmath>
#include <limits>
#include <string>

#include "engine/top_k.h"
#include "support/rows.h"

namespace {
using namespace torchclassify;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

struct Order {
  const char* name;
  std::vector<float> logits;
  std::size_t k;
  std::vector<int> labels;
};
const Order kOrders[] = {
    {"the-largest", {1, 3, 2}, 1, {1}},
    {"descending", {1, 3, 2}, 3, {1, 2, 0}},
    {"negative-logits", {-1, -3, -2}, 2, {0, 2}},
    {"equal-ones-by-label-id", {5, 7, 7, 5, 7}, 4, {1, 2, 4, 0}},
    {"all-equal", {0, 0, 0}, 2, {0, 1}},
    {"zeros-of-both-signs-are-equal", {-0.0f, 0.0f}, 2, {0, 1}},
    {"more-than-there-are", {1, 2}, 100, {1, 0}},
    {"none-asked-for", {1, 2}, 0, {}},
    {"no-classes", {}, 3, {}},
};

void test_order(gconstpointer data) {
  const Order& order = *static_cast<const Order*>(data);

  const auto top = top_k(order.logits, Activation::kSoftmax, 1.0, order.k);

  g_assert_cmpuint(top.size(), ==, order.labels.size());
  for (std::size_t i = 0; i < top.size(); ++i)
    g_assert_cmpint(top[i].label_id, ==, order.labels[i]);
}

struct Confidence {
  const char* name;
  Activation activation;
  double temperature;
  std::vector<float> logits;
  std::vector<float> expected;
};
const float kThree = std::log(3.0f);
const Confidence kConfidences[] = {
    {"softmax", Activation::kSoftmax, 1, {kThree, 0}, {0.75f, 0.25f}},
    {"softmax-of-one-class", Activation::kSoftmax, 1, {-9}, {1}},
    {"softmax-cooled", Activation::kSoftmax, 0.5, {kThree, 0}, {0.9f, 0.1f}},
    {"softmax-heated",
     Activation::kSoftmax,
     2,
     {2 * kThree, 0},
     {0.75f, 0.25f}},
    {"sigmoid", Activation::kSigmoid, 1, {kThree, 0}, {0.75f, 0.5f}},
    {"sigmoid-heated",
     Activation::kSigmoid,
     2,
     {2 * kThree, -2 * kThree},
     {0.75f, 0.25f}},
    {"none", Activation::kNone, 1, {7, -7}, {7, -7}},
    {"none-heated", Activation::kNone, 2, {7, -7}, {3.5f, -3.5f}},
    // Numbers that a naive sum would lose.
    {"softmax-of-huge-logits", Activation::kSoftmax, 1, {1e4f, 0}, {1, 0}},
    {"softmax-of-the-largest-floats",
     Activation::kSoftmax,
     1,
     {kLargest, kLargest},
     {0.5f, 0.5f}},
    {"softmax-from-end-to-end",
     Activation::kSoftmax,
     1,
     {kLargest, -kLargest},
     {1, 0}},
    {"softmax-of-hugely-negative-logits",
     Activation::kSoftmax,
     1,
     {-1e30f, -1e30f},
     {0.5f, 0.5f}},
    {"softmax-near-absolute-zero",
     Activation::kSoftmax,
     1e-300,
     {kLargest, 0},
     {1, 0}},
    {"sigmoid-of-huge-logits",
     Activation::kSigmoid,
     1,
     {kLargest, -kLargest},
     {1, 0}},
};

void test_confidence(gconstpointer data) {
  const Confidence& row = *static_cast<const Confidence*>(data);

  const auto top =
      top_k(row.logits, row.activation, row.temperature, row.logits.size());

  g_assert_cmpuint(top.size(), ==, row.expected.size());
  for (std::size_t i = 0; i < top.size(); ++i)
    g_assert_cmpfloat_with_epsilon(top[i].confidence, row.expected[i], 1e-6f);
}

// The very bits that top_k() gives the same class.
void test_all_confidences(gconstpointer data) {
  const Confidence& row = *static_cast<const Confidence*>(data);

  const auto all = confidences(row.logits, row.activation, row.temperature);

  g_assert_cmpuint(all.size(), ==, row.logits.size());
  for (const Prediction& prediction :
       top_k(row.logits, row.activation, row.temperature, all.size()))
    g_assert_true(all[prediction.label_id] == prediction.confidence);
}

void test_all_classes_share() {
  const std::vector<float> logits = {1, 1, 1, 1};

  const auto top = top_k(logits, Activation::kSoftmax, 1.0, 1);

  g_assert_cmpuint(top.size(), ==, 1);
  g_assert_cmpfloat_with_epsilon(top[0].confidence, 0.25f, 1e-6f);
}

void test_many_classes_sum_to_one() {
  const std::vector<float> logits(100'000, 88.0f);

  const auto top = top_k(logits, Activation::kSoftmax, 1.0, logits.size());

  double sum = 0;
  for (const Prediction& prediction : top) sum += double{prediction.confidence};
  g_assert_cmpfloat_with_epsilon(sum, 1.0, 1e-6);
}

struct Finite {
  const char* name;
  std::vector<float> values;
  bool expected;
};
const Finite kFinite[] = {
    {"ordinary", {0, -1, 1e-40f}, true},
    {"the-largest", {kLargest, -kLargest}, true},
    {"no-values", {}, true},
    {"nan", {0, NAN, 0}, false},
    {"infinity", {0, 0, kInfinity}, false},
    {"negative-infinity", {-kInfinity, 0, 0}, false},
};

void test_finite(gconstpointer data) {
  const Finite& row = *static_cast<const Finite*>(data);

  const bool finite = all_finite(row.values);

  g_assert_cmpint(finite, ==, row.expected);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/top-k/picks", kOrders, test_order);
  support::add_rows("/top-k/confidence-is-the-activation-of-scaled-logits",
                    kConfidences, test_confidence);
  support::add_rows("/top-k/all-confidences-are-the-same", kConfidences,
                    test_all_confidences);
  g_test_add_func("/top-k/softmax-counts-the-classes-that-are-not-reported",
                  test_all_classes_share);
  g_test_add_func("/top-k/the-softmax-of-many-classes-sums-to-one",
                  test_many_classes_sum_to_one);
  support::add_rows("/top-k/only-numbers-are-finite", kFinite, test_finite);
  return g_test_run();
}
