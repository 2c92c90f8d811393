// SPDX-License-Identifier: LGPL-2.1-or-later
// What bad values and bad options get.
#include <glib.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "clip.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "torchclassify/decision.h"

namespace {
using namespace torchclassify;
using support::kMs;
using support::probabilities;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr DecisionOptions kOptions = {
    .smoothing_time_ns = 100 * kMs, .min_dwell_ns = 80 * kMs, .threshold = 0.5};

struct Bad {
  const char* name;
  std::vector<float> values;
};
const Bad kBad[] = {
    {"nan", {0.1f, NAN, 0.8f}},
    {"nan-in-front", {NAN, 0.1f, 0.8f}},
    {"nan-at-the-end", {0.1f, 0.8f, NAN}},
    {"infinity", {0.1f, kInfinity, 0.1f}},
    {"negative-infinity", {0.8f, -kInfinity, 0.1f}},
    {"nothing", {}},
};

void test_bad_first(gconstpointer data) {
  const Bad& bad = *static_cast<const Bad*>(data);
  Decision decision;

  const auto report = decision.update(0, bad.values, kOptions);
  const auto next = decision.update(40 * kMs, probabilities('b'), kOptions);

  g_assert_cmpint(report.label_id, ==, Decision::kUnknown);
  g_assert_false(report.changed);
  g_assert_true(report.probabilities.empty());
  g_assert_cmpint(next.label_id, ==, 1);
  g_assert_true(next.changed);
}

void test_bad_repeats(gconstpointer data) {
  const Bad& bad = *static_cast<const Bad*>(data);
  Decision decision;
  decision.update(0, probabilities('b'), kOptions);

  const auto report = decision.update(40 * kMs, bad.values, kOptions);

  g_assert_cmpint(report.label_id, ==, 1);
  g_assert_true(report.confidence == 0.8f);
  g_assert_false(report.changed);
  g_assert_true(report.probabilities.empty());
}

// Two streams, one of which gets the bad frame, go on alike.
void test_bad_leaves_no_trace(gconstpointer data) {
  const Bad& bad = *static_cast<const Bad*>(data);
  Decision clean;
  Decision disturbed;
  clean.update(0, probabilities('a'), kOptions);
  disturbed.update(0, probabilities('a'), kOptions);

  for (int i = 1; i < 20; ++i) {
    disturbed.update((i * 40 - 10) * kMs, bad.values, kOptions);
    const auto expected =
        clean.update(i * 40 * kMs, probabilities('b'), kOptions);
    const auto report =
        disturbed.update(i * 40 * kMs, probabilities('b'), kOptions);

    g_assert_cmpint(report.label_id, ==, expected.label_id);
    g_assert_true(report.confidence == expected.confidence);
    g_assert_true(report.changed == expected.changed);
  }
}

void test_scores_of_any_size_are_taken() {
  const std::vector<float> scores = {-7, 3, -5};
  Decision decision;

  const auto report = decision.update(0, scores, {});

  g_assert_cmpint(report.label_id, ==, 1);
  g_assert_true(report.confidence == 3);
}

void test_other_classes_begin_anew() {
  const std::vector<float> other = {0, 0, 0, 1};
  Decision decision;
  decision.update(0, probabilities('a'), kOptions);

  const auto more = decision.update(40 * kMs, other, kOptions);
  const int more_label = more.label_id;
  const bool more_changed = more.changed;
  const auto fewer = decision.update(80 * kMs, probabilities('a'), kOptions);

  g_assert_cmpint(more_label, ==, 3);
  g_assert_true(more_changed);
  g_assert_cmpint(fewer.label_id, ==, 0);
  g_assert_true(fewer.confidence == 0.8f);
  g_assert_true(fewer.changed);
}

// A label of the earlier model that the later one does not have.
void test_fewer_classes_with_a_held_label() {
  const std::vector<float> two = {0.9f, 0.1f};
  Decision decision;
  decision.update(0, probabilities('c'), {.hysteresis = 1});

  const auto report = decision.update(40 * kMs, two, {.hysteresis = 1});

  g_assert_cmpint(report.label_id, ==, 0);
}

struct Refusal {
  const char* name;
  DecisionOptions options;
  const char* expected;
  const char* got;
};
const Refusal kRefusals[] = {
    {"negative-smoothing-time",
     {.smoothing_time_ns = -1},
     "smoothing time of 0 ns or more",
     "-1"},
    {"negative-dwell",
     {.min_dwell_ns = -5},
     "minimum dwell of 0 ns or more",
     "-5"},
    {"negative-hysteresis",
     {.hysteresis = -0.5},
     "hysteresis of 0 or more",
     "-0.5"},
    {"hysteresis-that-is-no-number",
     {.hysteresis = NAN},
     "hysteresis of 0 or more",
     "nan"},
    {"negative-threshold", {.threshold = -1}, "threshold of 0 or more", "-1"},
    {"infinite-threshold",
     {.threshold = HUGE_VAL},
     "threshold of 0 or more",
     "inf"},
};

void test_refusal(gconstpointer data) {
  const Refusal& row = *static_cast<const Refusal*>(data);
  Decision decision;
  decision.update(0, probabilities('a'), kOptions);

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { decision.update(0, probabilities('b'), row.options); },
      row.expected, row.got);

  const auto report = decision.update(40 * kMs, probabilities('a'), kOptions);
  g_assert_cmpint(report.label_id, ==, 0);
  g_assert_false(report.changed);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/decision-refusals/first-is-no-label", kBad,
                    test_bad_first);
  support::add_rows("/decision-refusals/repeats-the-label-at", kBad,
                    test_bad_repeats);
  support::add_rows("/decision-refusals/no-trace-is-left-by", kBad,
                    test_bad_leaves_no_trace);
  g_test_add_func("/decision-refusals/scores-of-any-size-are-taken",
                  test_scores_of_any_size_are_taken);
  g_test_add_func("/decision-refusals/another-number-of-classes-begins-anew",
                  test_other_classes_begin_anew);
  g_test_add_func("/decision-refusals/a-label-that-is-no-more-is-not-held",
                  test_fewer_classes_with_a_held_label);
  support::add_rows("/decision-refusals/options", kRefusals, test_refusal);
  return g_test_run();
}
