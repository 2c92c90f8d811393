// SPDX-License-Identifier: LGPL-2.1-or-later
// Metrics, against values that scikit-learn gives for the same answers.
#include "torchclassify/train/metrics.h"

#include <glib.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using torchclassify::Activation;
using torchclassify::ErrorCode;
using torchclassify::Metrics;
using torchclassify::MetricsBuilder;
using torchclassify::ModelInfo;
using torchclassify::softmax_logits;

void assert_near(double value, double expected) {
  g_assert_cmpfloat_with_epsilon(value, expected, 1e-9);
}

// Logits whose largest is that of the predicted class.
std::vector<float> answer(std::size_t predicted, std::size_t classes) {
  std::vector<float> logits(classes);
  logits[predicted] = 1;
  return logits;
}

Metrics measure(const std::vector<int>& truths,
                const std::vector<std::size_t>& predictions,
                std::size_t classes) {
  MetricsBuilder builder(classes);
  for (std::size_t i = 0; i < truths.size(); ++i)
    builder.add(truths[i], answer(predictions[i], classes));
  return builder.finish();
}

// y_true = [0, 0, 0, 1, 1, 2], y_pred = [0, 0, 1, 1, 2, 2]:
// precision_recall_fscore_support gives p = [1, .5, .5], r = [2/3, .5, 1],
// f1 = [.8, .5, 2/3].
void test_scores_equal_scikit_learns() {
  const Metrics metrics =
      measure({0, 0, 0, 1, 1, 2}, {0, 0, 1, 1, 2, 2}, /*classes=*/3);

  assert_near(metrics.accuracy, 4.0 / 6);
  assert_near(metrics.balanced_accuracy, (2.0 / 3 + 0.5 + 1) / 3);
  assert_near(metrics.macro.precision, 2.0 / 3);
  assert_near(metrics.macro.recall, (2.0 / 3 + 0.5 + 1) / 3);
  assert_near(metrics.macro.f1, (0.8 + 0.5 + 2.0 / 3) / 3);
  assert_near(metrics.weighted.precision, (3 * 1 + 2 * 0.5 + 0.5) / 6);
  assert_near(metrics.weighted.f1, (3 * 0.8 + 2 * 0.5 + 2.0 / 3) / 6);
  g_assert_cmpint(metrics.per_class[0].support, ==, 3);
  g_assert_cmpint(metrics.confusion[1][2], ==, 1);
}

// As scikit-learn's macro average, which is over the labels that occur.
void test_an_absent_class_does_not_lower_the_average() {
  const Metrics metrics = measure({0, 1}, {0, 1}, /*classes=*/4);

  assert_near(metrics.macro.f1, 1);
  assert_near(metrics.balanced_accuracy, 1);
  assert_near(metrics.per_class[3].f1, 0);
}

void test_a_class_never_predicted_counts_as_zero() {
  const Metrics metrics = measure({0, 1}, {0, 0}, /*classes=*/2);

  assert_near(metrics.per_class[1].precision, 0);
  assert_near(metrics.macro.f1, (2.0 / 3) / 2);
  assert_near(metrics.balanced_accuracy, 0.5);
}

void test_a_class_predicted_but_absent_counts_in_the_macro_average() {
  const Metrics metrics = measure({0, 0}, {0, 2}, /*classes=*/3);

  assert_near(metrics.macro.precision, 0.5);
  assert_near(metrics.macro.recall, 0.25);
  assert_near(metrics.balanced_accuracy, 0.5);
}

void test_equal_logits_predict_the_lower_label() {
  MetricsBuilder builder(7);

  builder.add(0, std::vector<float>(7));
  builder.add(6, std::vector<float>(7));
  const Metrics metrics = builder.finish();

  assert_near(metrics.accuracy, 0.5);
  assert_near(metrics.top5_accuracy, 0.5);
  g_assert_cmpint(metrics.confusion[6][0], ==, 1);
}

void test_the_loss_is_the_cross_entropy() {
  MetricsBuilder builder(2);

  builder.add(0, {0, 0});
  builder.add(1, {0, 100000});
  builder.add(0, {0, 100000});

  assert_near(builder.finish().loss, (std::log(2.0) + 0 + 100000) / 3);
}

// Two answers of confidence 1, one of them wrong.
void test_the_calibration_error_is_confidence_less_accuracy() {
  MetricsBuilder builder(2);

  builder.add(0, {1000, 0});
  builder.add(1, {1000, 0});

  assert_near(builder.finish().ece, 0.5);
}

void test_no_answers_give_zeros() {
  const Metrics metrics = MetricsBuilder(3).finish();

  assert_near(metrics.accuracy, 0);
  assert_near(metrics.macro.f1, 0);
  g_assert_cmpuint(metrics.per_class.size(), ==, 3);
}

void test_json_has_the_documented_fields() {
  const Metrics metrics = measure({0, 1}, {0, 0}, /*classes=*/2);

  const auto json =
      nlohmann::json::parse(to_json(metrics, {"ant", "\xc3\xa4\"bee"}));

  g_assert_cmpfloat(json.at("accuracy").get<double>(), ==, 0.5);
  g_assert_cmpint(json.at("confusion").at(1).at(0).get<int>(), ==, 1);
  g_assert_true(json.at("per_class").at(1).at("label") == "\xc3\xa4\"bee");
  for (const char* key : {"top5_accuracy", "balanced_accuracy", "loss", "ece"})
    g_assert_true(json.at(key).is_number());
  for (const char* key : {"macro", "weighted"})
    g_assert_true(json.at(key).at("f1").is_number());
}

struct BadAnswer {
  const char* name;
  int truth;
  std::vector<float> logits;
  const char* word;
};

const BadAnswer kBadAnswers[] = {
    {"too-few-logits", 0, {1}, "2 logits"},
    {"too-many-logits", 0, {1, 2, 3}, "2 logits"},
    {"negative-label", -1, {1, 2}, "label"},
    {"label-beyond-the-classes", 2, {1, 2}, "label"},
    {"nan", 0, {std::nanf(""), 1}, "NaN"},
    {"inf", 0, {std::numeric_limits<float>::infinity(), 1}, "NaN"},
};

void test_a_bad_answer_is_refused_and_not_counted(gconstpointer data) {
  const auto& bad = *static_cast<const BadAnswer*>(data);
  MetricsBuilder builder(2);

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { builder.add(bad.truth, bad.logits); },
      bad.word);

  g_assert_cmpint(builder.count(), ==, 0);
}

void test_no_classes_are_refused() {
  support::expect_error(ErrorCode::kInvalidArgument,
                        [] { MetricsBuilder builder(0); });
}

void test_json_with_too_few_labels_is_refused() {
  const Metrics metrics = measure({0}, {0}, /*classes=*/2);

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { to_json(metrics, {"one"}); },
      "2 class names");
}

void test_temperature_divides_the_logits() {
  ModelInfo model;
  model.temperature = 2;

  g_assert_true(softmax_logits({4, -2}, model) == std::vector<float>({2, -1}));
}

void test_probabilities_are_their_own_softmax() {
  ModelInfo model;
  model.activation = Activation::kNone;
  MetricsBuilder builder(2);

  builder.add(0, softmax_logits({0.25f, 0.75f}, model));

  const Metrics metrics = builder.finish();
  g_assert_cmpfloat_with_epsilon(metrics.loss, -std::log(0.25), 1e-6);
  g_assert_cmpfloat_with_epsilon(metrics.ece, 0.75, 1e-6);
}

void test_a_probability_of_zero_has_a_loss() {
  ModelInfo model;
  model.activation = Activation::kNone;
  MetricsBuilder builder(2);

  builder.add(0, softmax_logits({0, 1}, model));

  g_assert_true(std::isfinite(builder.finish().loss));
}

void test_other_scores_stay_as_they_are() {
  ModelInfo model;
  model.activation = Activation::kNone;

  g_assert_true(softmax_logits({3, -1}, model) == std::vector<float>({3, -1}));
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/metrics/scores-equal-scikit-learns",
                  test_scores_equal_scikit_learns);
  g_test_add_func("/metrics/an-absent-class-does-not-lower-the-average",
                  test_an_absent_class_does_not_lower_the_average);
  g_test_add_func("/metrics/a-class-never-predicted-counts-as-zero",
                  test_a_class_never_predicted_counts_as_zero);
  g_test_add_func(
      "/metrics/a-class-predicted-but-absent-counts-in-the-macro-average",
      test_a_class_predicted_but_absent_counts_in_the_macro_average);
  g_test_add_func("/metrics/equal-logits-predict-the-lower-label",
                  test_equal_logits_predict_the_lower_label);
  g_test_add_func("/metrics/the-loss-is-the-cross-entropy",
                  test_the_loss_is_the_cross_entropy);
  g_test_add_func("/metrics/the-calibration-error-is-confidence-less-accuracy",
                  test_the_calibration_error_is_confidence_less_accuracy);
  g_test_add_func("/metrics/no-answers-give-zeros", test_no_answers_give_zeros);
  g_test_add_func("/metrics/json-has-the-documented-fields",
                  test_json_has_the_documented_fields);
  g_test_add_func("/metrics/no-classes-are-refused",
                  test_no_classes_are_refused);
  g_test_add_func("/metrics/json-with-too-few-labels-is-refused",
                  test_json_with_too_few_labels_is_refused);
  support::add_rows("/metrics/a-bad-answer-is-refused", kBadAnswers,
                    test_a_bad_answer_is_refused_and_not_counted);
  g_test_add_func("/metrics/temperature-divides-the-logits",
                  test_temperature_divides_the_logits);
  g_test_add_func("/metrics/probabilities-are-their-own-softmax",
                  test_probabilities_are_their_own_softmax);
  g_test_add_func("/metrics/a-probability-of-zero-has-a-loss",
                  test_a_probability_of_zero_has_a_loss);
  g_test_add_func("/metrics/other-scores-stay-as-they-are",
                  test_other_scores_stay_as_they_are);
  return g_test_run();
}
