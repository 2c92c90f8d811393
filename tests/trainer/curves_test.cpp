// SPDX-License-Identifier: LGPL-2.1-or-later
// Curves and areas that can be drawn by hand, and scores that are none.
#include "torchclassify/train/curves.h"

#include <glib.h>

#include <cmath>
#include <limits>

#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using torchclassify::average_precision;
using torchclassify::best_f1_threshold;
using torchclassify::ErrorCode;
using torchclassify::precision_recall_curve;
using torchclassify::roc_auc;
using torchclassify::roc_curve;

using Truth = std::vector<std::uint8_t>;
using Values = std::vector<double>;

// scikit-learn's own example.
const Truth kTruth = {0, 0, 1, 1};
const Values kScores = {0.1, 0.4, 0.35, 0.8};

void test_the_precision_recall_curve_ascends() {
  const auto curve = precision_recall_curve(kTruth, kScores);

  g_assert_true(curve.thresholds == Values({0.1, 0.35, 0.4, 0.8}));
  g_assert_true(curve.precision == Values({0.5, 2.0 / 3, 0.5, 1, 1}));
  g_assert_true(curve.recall == Values({1, 1, 0.5, 0.5, 0}));
}

void test_the_roc_curve_starts_at_nothing() {
  const auto curve = roc_curve(kTruth, kScores);

  g_assert_true(std::isinf(curve.thresholds[0]));
  g_assert_true(curve.false_positive_rate == Values({0, 0, 0.5, 0.5, 1}));
  g_assert_true(curve.true_positive_rate == Values({0, 0.5, 0.5, 1, 1}));
}

void test_the_areas_are_those_under_the_curves() {
  g_assert_cmpfloat_with_epsilon(average_precision(kTruth, kScores),
                                 0.5 * 1 + 0.5 * 2 / 3, 1e-12);
  g_assert_cmpfloat_with_epsilon(roc_auc(kTruth, kScores), 0.75, 1e-12);
}

void test_equal_scores_are_one_step() {
  const Values equal(4, 0.5);

  g_assert_cmpuint(precision_recall_curve(kTruth, equal).thresholds.size(), ==,
                   1);
  g_assert_cmpfloat_with_epsilon(roc_auc(kTruth, equal), 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon(average_precision(kTruth, equal), 0.5, 1e-12);
}

void test_one_kind_alone_has_no_area() {
  g_assert_true(std::isnan(roc_auc(Truth{0, 0}, Values{1, 2})));
  g_assert_true(std::isnan(roc_auc(Truth{1, 1}, Values{1, 2})));
  g_assert_true(std::isnan(average_precision(Truth{0, 0}, Values{1, 2})));
  g_assert_true(std::isnan(roc_auc({}, {})));
  g_assert_true(std::isnan(average_precision({}, {})));
}

void test_no_scores_have_an_empty_curve() {
  const auto curve = precision_recall_curve({}, {});

  g_assert_true(curve.precision == Values{1});
  g_assert_true(curve.recall == Values{0});
  g_assert_true(curve.thresholds.empty());
  g_assert_cmpuint(roc_curve({}, {}).thresholds.size(), ==, 1);
}

struct Best {
  const char* name;
  Truth truth;
  Values scores;
  double threshold;
};

const Best kBest[] = {
    {"separable", {0, 1, 1}, {0.2, 0.6, 0.9}, 0.6},
    // From 0.9 on F1 is 2/3, from 0.3 on as well.
    {"of-equal-ones-the-largest", {1, 0, 0, 1}, {0.9, 0.6, 0.5, 0.3}, 0.9},
    {"everything", {1, 1, 0, 1}, {0.9, 0.8, 0.5, 0.3}, 0.3},
    {"nothing-there", {0, 0}, {0.9, 0.8}, 0.5},
    {"no-scores", {}, {}, 0.5},
};

void test_the_best_threshold_has_the_largest_f1(gconstpointer data) {
  const Best& best = *static_cast<const Best*>(data);

  g_assert_cmpfloat(best_f1_threshold(best.truth, best.scores), ==,
                    best.threshold);
}

struct Bad {
  const char* name;
  Truth truth;
  Values scores;
  const char* word;
};

const Bad kBad[] = {
    {"too-few-truths", {1}, {0.1, 0.2}, "as many"},
    {"too-many-truths", {1, 0, 1}, {0.1, 0.2}, "as many"},
    {"a-third-truth", {1, 2}, {0.1, 0.2}, "0 and 1"},
    {"nan", {1, 0}, {0.1, std::nan("")}, "NaN"},
    {"inf", {1, 0}, {0.1, std::numeric_limits<double>::infinity()}, "Inf"},
};

void test_bad_scores_are_refused(gconstpointer data) {
  const Bad& bad = *static_cast<const Bad*>(data);

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { precision_recall_curve(bad.truth, bad.scores); }, bad.word);
  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { roc_curve(bad.truth, bad.scores); },
      bad.word);
  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { best_f1_threshold(bad.truth, bad.scores); }, bad.word);
  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { average_precision(bad.truth, bad.scores); }, bad.word);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/curves/the-precision-recall-curve-ascends",
                  test_the_precision_recall_curve_ascends);
  g_test_add_func("/curves/the-roc-curve-starts-at-nothing",
                  test_the_roc_curve_starts_at_nothing);
  g_test_add_func("/curves/the-areas-are-those-under-the-curves",
                  test_the_areas_are_those_under_the_curves);
  g_test_add_func("/curves/equal-scores-are-one-step",
                  test_equal_scores_are_one_step);
  g_test_add_func("/curves/one-kind-alone-has-no-area",
                  test_one_kind_alone_has_no_area);
  g_test_add_func("/curves/no-scores-have-an-empty-curve",
                  test_no_scores_have_an_empty_curve);
  support::add_rows("/curves/the-best-threshold-has-the-largest-f1", kBest,
                    test_the_best_threshold_has_the_largest_f1);
  support::add_rows("/curves/bad-scores-are-refused", kBad,
                    test_bad_scores_are_refused);
  return g_test_run();
}
