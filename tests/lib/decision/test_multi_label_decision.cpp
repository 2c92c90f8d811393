// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of several labels are reported over time.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "clip.h"
#include "lib/formats/counted_memory.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "torchclassify/decision.h"

namespace {
using namespace torchclassify;
using support::kMs;

// A class's probability by digit, in tenths.
std::vector<float> tenths(const std::string& digits) {
  std::vector<float> values;
  for (const char digit : digits)
    values.push_back(static_cast<float>(digit - '0') / 10);
  return values;
}

// The label ids as digits.
void assert_ids(const MultiLabelDecision::Report& report,
                const std::string& expected) {
  std::string ids;
  for (const int id : report.label_ids) ids += std::to_string(id);
  g_assert_cmpstr(ids.c_str(), ==, expected.c_str());
}

struct Case {
  const char* name;
  DecisionOptions options;
  std::vector<float> thresholds;
  std::vector<std::string> frames;    // 40 ms apart
  std::vector<std::string> expected;  // label ids
};
const DecisionOptions kHysteresis = {.hysteresis = 0.15};
const DecisionOptions kDwell = {.min_dwell_ns = 80 * kMs};
const Case kCases[] = {
    {"half-without-thresholds", {}, {}, {"456", "990"}, {"12", "01"}},
    {"each-its-own-threshold",
     {},
     {0.25f, 0.75f, 1},
     {"339", "88:", "22:"},
     {"0", "012", "2"}},
    {"at-the-threshold", {}, {0.3f, 0.3f}, {"32"}, {"0"}},
    {"the-options-threshold-where-larger",
     {.threshold = 0.55},
     {0.25f, 0.75f},
     {"57", "67", "68"},
     {"", "0", "01"}},
    {"none", {}, {}, {"000"}, {""}},
    {"hysteresis-below-the-threshold",
     kHysteresis,
     {},
     {"44", "54", "44", "34", "44"},
     {"", "0", "0", "", ""}},
    {"hysteresis-not-below-half-of-it",
     {.hysteresis = 0.9},
     {},
     {"50", "30", "20"},
     {"0", "0", ""}},
    {"the-first-at-once", kDwell, {}, {"90", "90"}, {"0", "0"}},
    {"dwell-of-each-by-itself",
     kDwell,
     {},
     {"90", "99", "09", "00", "00", "00"},
     {"0", "0", "01", "1", "", ""}},
    {"no-outlier-through-dwell",
     kDwell,
     {},
     {"90", "00", "90", "99", "90"},
     {"0", "0", "0", "0", "0"}},
};

void test_case(gconstpointer data) {
  const Case& row = *static_cast<const Case*>(data);
  MultiLabelDecision decision;

  for (std::size_t i = 0; i < row.frames.size(); ++i) {
    const auto report =
        decision.update(static_cast<std::int64_t>(i) * 40 * kMs,
                        tenths(row.frames[i]), row.options, row.thresholds);

    assert_ids(report, row.expected[i]);
  }
}

void test_changes() {
  MultiLabelDecision decision;
  std::string changed;

  for (const char* frame : {"00", "90", "90", "09", "09", "00"})
    changed += decision.update(0, tenths(frame), {}).changed ? '1' : '0';

  g_assert_cmpstr(changed.c_str(), ==, "110101");
}

void test_smoothing() {
  const DecisionOptions options = {.smoothing_time_ns = 100 * kMs};
  MultiLabelDecision decision;
  decision.update(0, tenths("50"), options);

  const auto report = decision.update(100 * kMs, tenths("09"), options);

  assert_ids(report, "1");
  g_assert_cmpfloat_with_epsilon(report.probabilities[0], 0.5 * std::exp(-1.0),
                                 1e-6);
  g_assert_cmpfloat_with_epsilon(report.probabilities[1],
                                 0.9 * (1 - std::exp(-1.0)), 1e-6);
}

void test_discontinuity() {
  MultiLabelDecision decision;
  decision.update(1000 * kMs, tenths("90"), kDwell);

  const auto report = decision.update(0, tenths("09"), kDwell);

  assert_ids(report, "1");
  g_assert_true(report.changed);
}

void test_hysteresis_ends_at_a_discontinuity() {
  MultiLabelDecision decision;
  decision.update(1000 * kMs, tenths("90"), kHysteresis);

  const auto report = decision.update(0, tenths("40"), kHysteresis);

  assert_ids(report, "");
}

void test_reset() {
  MultiLabelDecision decision;
  decision.update(0, tenths("90"), kDwell);
  decision.reset();

  const auto report = decision.update(40 * kMs, tenths("90"), kDwell);

  assert_ids(report, "0");
  g_assert_true(report.changed);
}

void test_ignored() {
  MultiLabelDecision decision;
  decision.update(0, tenths("99"), kDwell);

  for (const std::vector<float>& bad :
       {std::vector<float>{NAN, 0}, std::vector<float>{}}) {
    const auto report = decision.update(40 * kMs, bad, kDwell);

    assert_ids(report, "01");
    g_assert_false(report.changed);
    g_assert_true(report.probabilities.empty());
  }
}

void test_other_classes() {
  MultiLabelDecision decision;
  decision.update(0, tenths("999"), kDwell);

  const auto report = decision.update(40 * kMs, tenths("09"), kDwell);

  assert_ids(report, "1");
  g_assert_true(report.changed);
}

struct Refusal {
  const char* name;
  DecisionOptions options;
  std::vector<float> thresholds;
  const char* expected;
  const char* got;
};
const Refusal kRefusals[] = {
    {"too-few-thresholds", {}, {0.5f}, "each of 2 classes", "got 1"},
    {"too-many-thresholds", {}, {0, 0, 0}, "each of 2 classes", "got 3"},
    {"a-threshold-that-is-no-number", {}, {0.5f, NAN}, "from 0 to 1", "nan"},
    {"a-threshold-above-1", {}, {0.5f, 1.5f}, "from 0 to 1", "1.5"},
    {"a-negative-threshold", {}, {-1, 0.5f}, "from 0 to 1", "-1"},
    {"negative-dwell", {.min_dwell_ns = -1}, {}, "dwell of 0 ns", "-1"},
};

void test_refusal(gconstpointer data) {
  const Refusal& row = *static_cast<const Refusal*>(data);
  MultiLabelDecision decision;
  decision.update(0, tenths("90"), {});

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { decision.update(0, tenths("09"), row.options, row.thresholds); },
      row.expected, row.got);

  const auto report = decision.update(0, tenths("90"), {});
  assert_ids(report, "0");
  g_assert_false(report.changed);
}

void test_no_allocation() {
  const DecisionOptions options = {.smoothing_time_ns = 50 * kMs,
                                   .hysteresis = 0.1,
                                   .min_dwell_ns = 80 * kMs};
  const std::vector<float> frames[] = {tenths("0000"), tenths("9999")};
  MultiLabelDecision decision;
  decision.update(0, frames[0], options);
  const std::size_t before = support::live_bytes();
  support::start_peak();

  for (int i = 1; i < 100; ++i)
    decision.update(i * 40 * kMs, frames[i / 10 % 2], options);

  g_assert_cmpuint(support::peak_bytes(), ==, before);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/multi-label-decision", kCases, test_case);
  g_test_add_func("/multi-label-decision/changes-are-of-any-label",
                  test_changes);
  g_test_add_func("/multi-label-decision/each-class-is-smoothed",
                  test_smoothing);
  g_test_add_func("/multi-label-decision/begins-anew-at-a-discontinuity",
                  test_discontinuity);
  g_test_add_func("/multi-label-decision/hysteresis-ends-at-a-discontinuity",
                  test_hysteresis_ends_at_a_discontinuity);
  g_test_add_func("/multi-label-decision/reset-forgets", test_reset);
  g_test_add_func("/multi-label-decision/what-is-not-finite-is-ignored",
                  test_ignored);
  g_test_add_func("/multi-label-decision/other-classes-begin-anew",
                  test_other_classes);
  support::add_rows("/multi-label-decision/refuses", kRefusals, test_refusal);
  g_test_add_func("/multi-label-decision/allocates-nothing-after-the-first",
                  test_no_allocation);
  return g_test_run();
}
