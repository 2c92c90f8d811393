// SPDX-License-Identifier: LGPL-2.1-or-later
// Stream time: smoothing, frame rates, discontinuities.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "clip.h"
#include "support/rows.h"
#include "torchclassify/decision.h"

namespace {
using namespace torchclassify;
using support::kMs;
using support::probabilities;

constexpr DecisionOptions kSmoothing = {.smoothing_time_ns = 100 * kMs};
constexpr float kZero[] = {1, 0};
constexpr float kOne[] = {0, 1};

struct Jump {
  const char* name;
  std::vector<std::int64_t> times_ms;  // of the updates after the jump at 0
  double expected;
};
const Jump kJumps[] = {
    {"one-time-constant", {100}, 1 - std::exp(-1.0)},
    {"the-same-in-four-steps", {25, 50, 75, 100}, 1 - std::exp(-1.0)},
    {"the-same-in-uneven-steps", {1, 90, 100}, 1 - std::exp(-1.0)},
    {"three-time-constants", {300}, 1 - std::exp(-3.0)},
    {"equal-times-have-no-weight", {0, 0, 0}, 0},
};

void test_jump(gconstpointer data) {
  const Jump& jump = *static_cast<const Jump*>(data);
  Decision decision;
  decision.update(0, kZero, kSmoothing);

  Decision::Report report;
  for (const std::int64_t ms : jump.times_ms)
    report = decision.update(ms * kMs, kOne, kSmoothing);

  g_assert_cmpfloat_with_epsilon(report.probabilities[1], jump.expected, 1e-6);
  g_assert_cmpfloat_with_epsilon(report.probabilities[0], 1 - jump.expected,
                                 1e-6);
  g_assert_true(report.confidence == report.probabilities[report.label_id]);
}

void test_the_first_is_not_smoothed() {
  Decision decision;

  const auto report = decision.update(0, kOne, kSmoothing);

  g_assert_cmpint(report.label_id, ==, 1);
  g_assert_true(report.confidence == 1);
}

void test_many_updates_keep_the_sum() {
  Decision decision;
  std::vector<float> values(1000);
  float sum = 0;

  for (int i = 0; i < 10'000; ++i) {
    std::fill(values.begin(), values.end(), 0.0005f);
    values[i * 7919 % 1000] += 0.5f;
    const auto report = decision.update(i * 17 * kMs, values, kSmoothing);
    sum = 0;
    for (const float value : report.probabilities) sum += value;
  }

  g_assert_cmpfloat_with_epsilon(sum, 1.0, 1e-4);
}

void test_smoothing_can_be_switched() {
  Decision decision;
  decision.update(0, kZero, kSmoothing);

  const auto off = decision.update(10 * kMs, kOne, {});
  const float off_confidence = off.confidence;
  const int off_label = off.label_id;
  const auto on = decision.update(20 * kMs, kZero, kSmoothing);

  g_assert_cmpint(off_label, ==, 1);
  g_assert_true(off_confidence == 1);
  g_assert_cmpint(on.label_id, ==, 0);
  g_assert_true(on.confidence == 1);
}

// Which of three classes there is, in every ms of 20 s: seven changes, at times
// that no frame rate meets, and an outlier of 50 ms in each stretch.
char signal(double ms) {
  constexpr double kChanges[] = {2313, 3931, 6577, 9203, 12011, 14983, 17321};
  int stretch = 0;
  double since = ms;
  for (const double change : kChanges)
    if (ms >= change) {
      ++stretch;
      since = ms - change;
    }
  const bool outlier = since >= 1000 && since < 1050;
  return static_cast<char>('a' + (stretch + outlier) % 3);
}

struct Change {
  double ms;
  int label_id;
};

std::vector<Change> changes(double frames_per_second,
                            const DecisionOptions& options) {
  Decision decision;
  std::vector<Change> result;
  for (int i = 0; i < 20 * frames_per_second; ++i) {
    const double ms = i * 1000 / frames_per_second;
    const auto report = decision.update(static_cast<std::int64_t>(ms * kMs),
                                        probabilities(signal(ms)), options);
    if (report.changed)
      result.push_back({ms, report.label_id});
  }
  return result;
}

struct Rate {
  const char* name;
  double frames_per_second;
};
const Rate kRates[] = {
    {"7-fps", 7}, {"12.5-fps", 12.5}, {"25-fps", 25}, {"60-fps", 60}};

// Against 1000 fps. Its answer is known: 1 (the first label) and 7 changes.
void compare_with_continuous(const Rate& rate, const DecisionOptions& options,
                             int frames = 1) {
  const auto expected = changes(1000, options);
  g_assert_cmpuint(expected.size(), ==, 8);
  const double allowed_ms = frames * 1000 / rate.frames_per_second + 1;

  const auto sampled = changes(rate.frames_per_second, options);

  g_assert_cmpuint(sampled.size(), ==, expected.size());
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    g_test_message("%.0f ms: %+.0f ms", expected[i].ms,
                   sampled[i].ms - expected[i].ms);
    g_assert_cmpint(sampled[i].label_id, ==, expected[i].label_id);
    g_assert_cmpfloat(std::abs(sampled[i].ms - expected[i].ms), <=, allowed_ms);
  }
}

void test_rates_smoothing(gconstpointer rate) {
  compare_with_continuous(*static_cast<const Rate*>(rate),
                          {.smoothing_time_ns = 400 * kMs});
}

void test_rates_dwell(gconstpointer rate) {
  compare_with_continuous(*static_cast<const Rate*>(rate),
                          {.min_dwell_ns = 300 * kMs});
}

void test_rates_all(gconstpointer rate) {
  compare_with_continuous(*static_cast<const Rate*>(rate),
                          {.smoothing_time_ns = 300 * kMs,
                           .hysteresis = 0.1,
                           .min_dwell_ns = 300 * kMs,
                           .threshold = 0.3},
                          /*frames=*/2);  // one for each of the times
}

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr DecisionOptions kAll = {.smoothing_time_ns = 100 * kMs,
                                  .hysteresis = 0.5,
                                  .min_dwell_ns = 200 * kMs};
constexpr std::int64_t kSecond = 1000 * kMs;

struct Gap {
  const char* name;
  DecisionOptions options;
  std::optional<std::int64_t> from_ns;
  std::optional<std::int64_t> to_ns;
  bool broken;
};
const Gap kGaps[] = {
    {"none", kAll, 0, 0, false},
    {"one-frame", kAll, kSecond, kSecond + 40 * kMs, false},
    {"5-s", kAll, 0, 5 * kSecond, false},
    {"more-than-5-s", kAll, 0, 5 * kSecond + 1, true},
    {"5-smoothing-times",
     {.smoothing_time_ns = 2 * kSecond},
     0,
     10 * kSecond,
     false},
    {"more-than-5-smoothing-times",
     {.smoothing_time_ns = 2 * kSecond},
     0,
     10 * kSecond + 1,
     true},
    {"2-dwells", {.min_dwell_ns = 4 * kSecond}, 0, 8 * kSecond, false},
    {"more-than-2-dwells",
     {.min_dwell_ns = 4 * kSecond},
     0,
     8 * kSecond + 1,
     true},
    {"back-by-1-ns", kAll, 1, 0, true},
    {"back-to-the-start", kAll, 3600 * kSecond, 0, true},
    {"out-of-negative-times", kAll, -20 * kMs, 20 * kMs, false},
    {"to-no-time", kAll, 0, std::nullopt, true},
    {"from-no-time", kAll, std::nullopt, 0, true},
    {"no-times", kAll, std::nullopt, std::nullopt, true},
    {"from-end-to-end", kAll, kLeast, kMost, true},
    {"from-end-to-start", kAll, kMost, kLeast, true},
    {"from-end-to-end-within-the-longest-dwell",
     {.min_dwell_ns = kMost},
     kLeast,
     kMost,
     false},
    {"the-longest-times",
     {.smoothing_time_ns = kMost, .min_dwell_ns = kMost},
     0,
     kMost,
     false},
};

// After a discontinuity the new label is there at once, unsmoothed.
void test_gap(gconstpointer data) {
  const Gap& gap = *static_cast<const Gap*>(data);
  DecisionOptions options = gap.options;
  options.min_dwell_ns = std::max(options.min_dwell_ns, 1 * kMs);
  Decision decision;
  decision.update(gap.from_ns, probabilities('a'), options);

  const auto report = decision.update(gap.to_ns, probabilities('b'), options);

  g_assert_cmpint(report.label_id, ==, gap.broken ? 1 : 0);
  g_assert_true(report.changed == gap.broken);
  if (gap.broken)
    g_assert_true(report.confidence == 0.8f);
}

void test_same_label_after_a_discontinuity() {
  Decision decision;
  decision.update(60 * kSecond, probabilities('a'), kAll);

  const auto report = decision.update(0, probabilities('a'), kAll);

  g_assert_cmpint(report.label_id, ==, 0);
  g_assert_false(report.changed);
}

void test_dwell_begins_anew_after_a_discontinuity() {
  Decision decision;
  decision.update(60 * kSecond, probabilities('a'), kAll);
  for (int i = 1; i < 5; ++i)
    decision.update(60 * kSecond + i * 40 * kMs, probabilities('b'), kAll);
  decision.update(0, probabilities('a'), kAll);

  const auto report = decision.update(40 * kMs, probabilities('b'), kAll);

  g_assert_cmpint(report.label_id, ==, 0);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/decision-time/a-jump-is-smoothed-over", kJumps,
                    test_jump);
  g_test_add_func("/decision-time/the-first-is-not-smoothed",
                  test_the_first_is_not_smoothed);
  g_test_add_func("/decision-time/many-updates-keep-the-sum",
                  test_many_updates_keep_the_sum);
  g_test_add_func("/decision-time/smoothing-can-be-switched",
                  test_smoothing_can_be_switched);
  support::add_rows("/decision-time/smoothing-is-that-of-1000-fps-at", kRates,
                    test_rates_smoothing);
  support::add_rows("/decision-time/dwell-is-that-of-1000-fps-at", kRates,
                    test_rates_dwell);
  support::add_rows("/decision-time/all-three-are-those-of-1000-fps-at", kRates,
                    test_rates_all);
  support::add_rows("/decision-time/gap", kGaps, test_gap);
  g_test_add_func("/decision-time/the-same-label-is-no-change-after-one",
                  test_same_label_after_a_discontinuity);
  g_test_add_func("/decision-time/dwell-begins-anew-after-one",
                  test_dwell_begins_anew_after_a_discontinuity);
  return g_test_run();
}
