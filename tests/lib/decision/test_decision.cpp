// SPDX-License-Identifier: LGPL-2.1-or-later
// What hysteresis, dwell and threshold report of one label.
#include <glib.h>

#include <string>
#include <vector>

#include "clip.h"
#include "lib/formats/counted_memory.h"
#include "support/rows.h"
#include "torchclassify/decision.h"

namespace {
using namespace torchclassify;
using support::kMs;
using support::labels;
using support::probabilities;

struct Case {
  const char* name;
  DecisionOptions options;
  std::string frames;
  std::string expected;
  std::int64_t interval_ns = 40 * kMs;
};

void test_case(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);

  const std::string reported = labels(row.frames, row.interval_ns, row.options);

  g_assert_cmpstr(reported.c_str(), ==, row.expected.c_str());
}

const Case kWithout[] = {
    {"the-largest", {}, "abcAcB", "abcacb"},
    {"equal-ones-by-label-id", {}, "-", "a"},
    {"below-the-threshold", {.threshold = 0.5}, "aAb--c", "a-b--c"},
    {"at-the-threshold", {.threshold = 0.8f}, "ab", "ab"},
    {"just-below-the-threshold", {.threshold = 0.8}, "ab", "ab"},
    {"a-threshold-that-none-reaches", {.threshold = 1}, "abc", "---"},
};

const Case kHysteresis[] = {
    {"holds-against-a-small-lead", {.hysteresis = 0.2}, "aBBB", "aaaa"},
    {"yields-to-a-large-lead", {.hysteresis = 0.2}, "aBbA", "aabb"},
    {"yields-to-the-exact-lead", {.hysteresis = 0.8f - 0.1f}, "ab", "ab"},
    {"does-not-wait-for-the-first", {.hysteresis = 0.9}, "Bb", "bb"},
    {"holds-a-label-near-the-threshold",
     {.hysteresis = 0.15, .threshold = 0.5},
     "aAaAA",
     "aaaaa"},
    {"gives-a-label-far-below-the-threshold-up",
     {.hysteresis = 0.15, .threshold = 0.5},
     "a-aA",
     "a-aa"},
    {"does-not-lower-the-threshold-of-a-new-label",
     {.hysteresis = 0.15, .threshold = 0.5},
     "AaAB-B",
     "-aa---"},
    // 0.1 is less than half of the threshold.
    {"holds-nothing-that-the-model-has-given-up",
     {.hysteresis = 0.75, .threshold = 0.3},
     "abc",
     "abc"},
    {"is-unknown-between-one-that-fell-and-one-that-rises",
     {.hysteresis = 0.15, .threshold = 0.5},
     "aBb",
     "a-b"},
};

const DecisionOptions kDwell = {.min_dwell_ns = 120 * kMs, .threshold = 0.5};
const Case kDwells[] = {
    {"the-first-label-at-once", kDwell, "bbb", "bbb"},
    {"unknown-first-at-once", kDwell, "-aaa", "---a"},
    {"an-outlier", kDwell, "aabaa", "aaaaa"},
    {"after-three-frames-of-40-ms", kDwell, "aabbb", "aaaab"},
    {"anew-after-a-break", kDwell, "aabbabbb", "aaaaaaab"},
    {"anew-for-a-third-label", kDwell, "aabbccc", "aaaaaac"},
    {"none-of-two-that-alternate", kDwell, "aabcbcbc", "aaaaaaaa"},
    {"unknown-as-any-label", kDwell, "aa---", "aaaa-"},
    {"flickering-around-the-threshold", kDwell, "aAaAaA", "aaaaaa"},
    {"unknown-that-flickers", kDwell, "AAaAaA", "------"},
    {"out-of-unknown", kDwell, "---aaa", "-----a"},
    {"back-again", kDwell, "abbbaaa", "aaabbba"},
    {"with-hysteresis-of-a-lead-without-break",
     {.hysteresis = 0.2, .min_dwell_ns = 120 * kMs},
     "abBbbb",
     "aaaaab"},
};

const DecisionOptions k200Ms = {.min_dwell_ns = 200 * kMs};
const Case kRates[] = {
    {"60-fps", k200Ms, "abbbbbbbbbbbb", "aaaaaaaaaaaab", 16'666'667},
    {"30-fps", k200Ms, "abbbbbb", "aaaaaab", 33'333'333},
    {"25-fps", k200Ms, "abbbbb", "aaaaab", 40 * kMs},
    {"7-fps", k200Ms, "abb", "aab", 142'857'143},
    {"1-fps-needs-two-that-agree", k200Ms, "abaabb", "aaaaab", 1000 * kMs},
    {"5-s-is-still-one-stream", k200Ms, "abab", "aaaa", 5000 * kMs},
    {"equal-times-need-time-to-pass", k200Ms, "abbbb", "aaaaa", 0},
};

// 30 fps in milliseconds, as Matroska has it: 0, 33, 67, 100, ...
void test_rounded_times() {
  for (int first = 0; first < 3; ++first) {
    Decision decision;
    std::string reported;

    for (int i = 0; i < 7; ++i) {
      const std::int64_t time_ns = ((first + i) * 1000 + 1) / 30 * kMs;
      const auto values = probabilities(i == 0 ? 'a' : 'b');
      reported +=
          support::letter(decision.update(time_ns, values, k200Ms).label_id);
    }

    g_assert_cmpstr(reported.c_str(), ==, "aaaaaab");
  }
}

void test_without_options_nothing_is_copied() {
  Decision decision;
  const auto values = probabilities('b');

  const auto report = decision.update(0, values, {});

  g_assert_true(report.probabilities.data() == values.data());
  g_assert_cmpuint(report.probabilities.size(), ==, values.size());
  g_assert_true(report.confidence == 0.8f);
}

void test_confidence_of_unknown() {
  Decision decision;

  const auto report =
      decision.update(0, probabilities('B'), {.threshold = 0.5});

  g_assert_cmpint(report.label_id, ==, Decision::kUnknown);
  g_assert_true(report.confidence == 0.4f);
}

void test_confidence_of_a_held_label() {
  Decision decision;
  decision.update(0, probabilities('a'), kDwell);

  const auto report = decision.update(40 * kMs, probabilities('b'), kDwell);

  g_assert_cmpint(report.label_id, ==, 0);
  g_assert_true(report.confidence == 0.1f);
}

void test_changes() {
  Decision decision;
  std::string changed;

  for (const char frame : std::string("aab-b"))
    changed +=
        decision.update(0, probabilities(frame), {.threshold = 0.5}).changed
            ? '1'
            : '0';

  g_assert_cmpstr(changed.c_str(), ==, "10111");
}

void test_unknown_at_first_is_a_change() {
  Decision decision;

  const auto report =
      decision.update(0, probabilities('-'), {.threshold = 0.5});

  g_assert_true(report.changed);
}

void test_reset() {
  Decision decision;
  decision.update(0, probabilities('a'), kDwell);
  decision.reset();

  const auto report = decision.update(40 * kMs, probabilities('b'), kDwell);

  g_assert_cmpint(report.label_id, ==, 1);
  g_assert_true(report.changed);
}

void test_reset_tells_the_same_label_again() {
  Decision decision;
  decision.update(0, probabilities('a'), {});
  decision.reset();

  const auto report = decision.update(40 * kMs, probabilities('a'), {});

  g_assert_true(report.changed);
}

void test_options_change() {
  Decision decision;
  decision.update(0, probabilities('a'), {.min_dwell_ns = 400 * kMs});
  decision.update(40 * kMs, probabilities('b'), {.min_dwell_ns = 400 * kMs});

  const auto report =
      decision.update(80 * kMs, probabilities('b'), {.min_dwell_ns = 80 * kMs});

  g_assert_cmpint(report.label_id, ==, 1);
}

void test_objects_are_apart() {
  Decision left;
  Decision right;
  left.update(0, probabilities('a'), kDwell);
  right.update(0, probabilities('b'), kDwell);

  const auto report = right.update(40 * kMs, probabilities('a'), kDwell);

  g_assert_cmpint(report.label_id, ==, 1);
  g_assert_cmpint(left.update(40 * kMs, probabilities('a'), kDwell).label_id,
                  ==, 0);
}

void test_no_allocation() {
  const DecisionOptions options = {.smoothing_time_ns = 100 * kMs,
                                   .hysteresis = 0.1,
                                   .min_dwell_ns = 120 * kMs,
                                   .threshold = 0.5};
  Decision decision;
  const std::vector<float> frames[] = {probabilities('a'), probabilities('b'),
                                       probabilities('!')};
  decision.update(0, frames[0], options);
  const std::size_t before = support::live_bytes();
  support::start_peak();

  for (int i = 1; i < 300; ++i)
    decision.update((i < 200 ? i : i - 150) * 40 * kMs, frames[i / 7 % 3],
                    i % 50 < 10 ? DecisionOptions() : options);

  g_assert_cmpuint(support::peak_bytes(), ==, before);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/decision/without-options-is-the-plain-answer", kWithout,
                    test_case);
  support::add_rows("/decision/hysteresis", kHysteresis, test_case);
  support::add_rows("/decision/dwell", kDwells, test_case);
  support::add_rows("/decision/dwell-of-200-ms-at", kRates, test_case);
  g_test_add_func("/decision/dwell-forgives-rounded-times", test_rounded_times);
  g_test_add_func("/decision/without-options-nothing-is-copied",
                  test_without_options_nothing_is_copied);
  g_test_add_func("/decision/unknown-has-the-largest-confidence",
                  test_confidence_of_unknown);
  g_test_add_func("/decision/a-held-label-has-its-own-confidence",
                  test_confidence_of_a_held_label);
  g_test_add_func("/decision/changes-are-of-the-reported-label", test_changes);
  g_test_add_func("/decision/unknown-at-first-is-a-change",
                  test_unknown_at_first_is_a_change);
  g_test_add_func("/decision/reset-forgets", test_reset);
  g_test_add_func("/decision/reset-tells-the-same-label-again",
                  test_reset_tells_the_same_label_again);
  g_test_add_func("/decision/options-count-from-the-next-update",
                  test_options_change);
  g_test_add_func("/decision/objects-are-apart", test_objects_are_apart);
  g_test_add_func("/decision/allocates-nothing-after-the-first-update",
                  test_no_allocation);
  return g_test_run();
}
