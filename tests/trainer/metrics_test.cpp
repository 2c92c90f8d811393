// SPDX-License-Identifier: LGPL-2.1-or-later
// Metrics that can be worked out in the head, and answers that are none.
#include "torchclassify/train/metrics.h"

#include <glib.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/expect_error.h"
#include "support/rows.h"

namespace {

using torchclassify::Activation;
using torchclassify::Answers;
using torchclassify::ErrorCode;
using torchclassify::Metrics;
using torchclassify::ModelInfo;
using torchclassify::softmax_logits;

using Targets = std::vector<std::uint8_t>;
using Logits = std::vector<float>;

void assert_near(double value, double expected) {
  g_assert_cmpfloat_with_epsilon(value, expected, 1e-9);
}

struct Answer {
  int truth;
  Logits logits;
};

Answers answers_of(std::size_t classes, const std::vector<Answer>& given) {
  Answers answers{.classes = classes};
  for (const Answer& one : given)
    answers.add(answers.size(), one.truth, one.logits);
  return answers;
}

// Of answers whose largest logit is that of the predicted class.
Metrics measure(const std::vector<int>& truths,
                const std::vector<std::size_t>& predictions,
                std::size_t classes) {
  Answers answers{.classes = classes};
  for (std::size_t i = 0; i < truths.size(); ++i) {
    Logits logits(classes);
    logits[predictions[i]] = 1;
    answers.add(i, truths[i], logits);
  }
  return torchclassify::measure(answers);
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
  const Metrics metrics =
      measure(answers_of(7, {{0, Logits(7)}, {6, Logits(7)}}));

  assert_near(metrics.accuracy, 0.5);
  assert_near(metrics.top5_accuracy, 0.5);
  g_assert_cmpint(metrics.confusion[6][0], ==, 1);
}

void test_the_loss_is_the_cross_entropy() {
  const Answers answers =
      answers_of(2, {{0, {0, 0}}, {1, {0, 100000}}, {0, {0, 100000}}});

  assert_near(measure(answers).loss, (std::log(2.0) + 0 + 100000) / 3);
}

void test_a_temperature_divides_the_logits_of_the_loss() {
  const Answers answers = answers_of(2, {{1, {4, 0}}});

  assert_near(measure(answers, 4).loss, std::log(1 + std::exp(1.0)));
}

// Two answers of confidence 1, one of them wrong.
void test_the_calibration_error_is_confidence_less_accuracy() {
  const Answers answers = answers_of(2, {{0, {1000, 0}}, {1, {1000, 0}}});

  assert_near(measure(answers).ece, 0.5);
}

void test_no_answers_give_zeros() {
  const Metrics metrics = torchclassify::measure(Answers{.classes = 3});

  assert_near(metrics.accuracy, 0);
  assert_near(metrics.macro.f1, 0);
  assert_near(metrics.mean_roc_auc, 0);
  g_assert_cmpuint(metrics.per_class.size(), ==, 3);
  g_assert_cmpuint(metrics.confusion.size(), ==, 3);
}

// Right, one label missed, and one too many.
void test_a_picture_is_right_if_all_its_labels_are() {
  Answers answers{.classes = 2};
  answers.add(0, Targets{1, 1}, Logits{2, 2});
  answers.add(1, Targets{1, 1}, Logits{2, -2});
  answers.add(2, Targets{0, 0}, Logits{2, -2});

  const Metrics metrics = measure_multi_label(answers, {});

  assert_near(metrics.accuracy, 1.0 / 3);
  assert_near(metrics.micro.precision, 3.0 / 4);
  assert_near(metrics.micro.recall, 3.0 / 4);
  g_assert_true(metrics.confusion.empty());
}

void test_a_label_is_predicted_from_its_threshold_on() {
  Answers answers{.classes = 2};
  answers.add(0, Targets{1, 1}, Logits{0, 0});

  const Metrics metrics = measure_multi_label(answers, {0.5f, 0.51f});

  assert_near(metrics.per_class[0].recall, 1);
  assert_near(metrics.per_class[1].recall, 0);
}

void test_top_k_counts_equal_logits_by_their_ids() {
  const Answers answers =
      answers_of(3, {{0, Logits(3)}, {2, Logits(3)}, {1, {0, 1, 2}}});

  const auto shares = top_k_accuracy(answers, 10);

  g_assert_true(shares == std::vector<double>({1.0 / 3, 2.0 / 3, 1}));
}

void test_confused_pairs_are_the_frequent_ones() {
  const Metrics metrics =
      measure({0, 0, 1, 2, 2, 2}, {1, 1, 2, 0, 1, 2}, /*classes=*/3);

  const auto pairs = most_confused(metrics, 3);

  g_assert_cmpuint(pairs.size(), ==, 3);
  g_assert_cmpint(pairs[0].truth, ==, 0);
  g_assert_cmpint(pairs[0].predicted, ==, 1);
  g_assert_cmpint(pairs[0].count, ==, 2);
  g_assert_cmpint(pairs[1].truth, ==, 1);
  g_assert_cmpint(pairs[2].predicted, ==, 0);
}

void test_the_worst_answers_are_wrong_and_sure() {
  const Answers answers = answers_of(
      2, {{0, {0, 1}}, {0, {9, 0}}, {1, {5, 0}}, {0, {0, 3}}, {1, {5, 0}}});

  g_assert_true(worst_answers(answers, 3) ==
                std::vector<std::size_t>({2, 4, 3}));
  g_assert_true(worst_answers(answers, 9).size() == 4);
}

void test_worst_answers_of_several_labels_have_one_wrong() {
  Answers answers{.classes = 2};
  answers.add(0, Targets{1, 0}, Logits{2, -2});
  answers.add(1, Targets{1, 0}, Logits{2, 1});
  answers.add(2, Targets{1, 0}, Logits{-7, -2});

  g_assert_true(worst_answers(answers, 5) == std::vector<std::size_t>({2, 1}));
  g_assert_true(worst_answers(answers, 5, {0.5f, 0.8f}) ==
                std::vector<std::size_t>({2}));
}

void test_json_has_the_documented_fields() {
  const Metrics metrics = measure({0, 1}, {0, 0}, /*classes=*/2);

  const auto json =
      nlohmann::json::parse(to_json(metrics, {"ant", "\xc3\xa4\"bee"}));

  g_assert_cmpfloat(json.at("accuracy").get<double>(), ==, 0.5);
  g_assert_cmpint(json.at("confusion").at(1).at(0).get<int>(), ==, 1);
  g_assert_true(json.at("per_class").at(1).at("label") == "\xc3\xa4\"bee");
  for (const char* key :
       {"top5_accuracy", "balanced_accuracy", "loss", "ece", "kappa", "mcc",
        "mean_average_precision", "mean_roc_auc"})
    g_assert_true(json.at(key).is_number());
  for (const char* key : {"micro", "macro", "weighted"})
    g_assert_true(json.at(key).at("f1").is_number());
}

void test_an_area_that_there_is_not_is_null() {
  const Metrics metrics = measure({0, 0}, {0, 1}, /*classes=*/2);

  const auto json = nlohmann::json::parse(to_json(metrics, {"ant", "bee"}));

  g_assert_true(json.at("per_class").at(0).at("roc_auc").is_null());
  g_assert_true(json.at("per_class").at(1).at("average_precision").is_null());
}

void test_names_of_any_bytes_are_written() {
  const Metrics metrics = measure({0}, {0}, /*classes=*/1);

  const auto json = nlohmann::json::parse(to_json(metrics, {"\xff"}));

  g_assert_true(json.at("per_class").at(0).at("label") == "\xef\xbf\xbd");
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
  Answers answers{.classes = 2};

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { answers.add(0, bad.truth, bad.logits); }, bad.word);

  g_assert_cmpuint(answers.size(), ==, 0);
  g_assert_true(answers.logits.empty());
}

struct BadTargets {
  const char* name;
  Targets targets;
  Logits logits;
  const char* word;
};

const BadTargets kBadTargets[] = {
    {"too-few-targets", {1}, {1, 2}, "2 targets"},
    {"too-few-logits", {1, 0}, {1}, "2 logits"},
    {"a-third-value", {1, 2}, {1, 2}, "0 and 1"},
    {"nan", {1, 0}, {1, std::nanf("")}, "NaN"},
};

void test_bad_targets_are_refused_and_not_counted(gconstpointer data) {
  const auto& bad = *static_cast<const BadTargets*>(data);
  Answers answers{.classes = 2};

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { answers.add(0, bad.targets, bad.logits); }, bad.word);

  g_assert_cmpuint(answers.size(), ==, 0);
  g_assert_true(answers.logits.empty());
}

void test_no_classes_are_refused() {
  Answers answers;

  support::expect_error(
      ErrorCode::kInvalidArgument, [&] { answers.add(0, 0, Logits()); },
      "at least one class");
}

void test_labels_and_targets_do_not_mix() {
  Answers labelled = answers_of(2, {{0, {1, 2}}});
  Answers targeted{.classes = 2};
  targeted.add(0, Targets{1, 0}, Logits{1, 2});

  support::expect_error(ErrorCode::kInvalidArgument, [&] {
    labelled.add(1, Targets{1, 0}, Logits{1, 2});
  });
  support::expect_error(ErrorCode::kInvalidArgument, [&] {
    targeted.add(1, 0, Logits{1, 2});
  });
  support::expect_error(ErrorCode::kInvalidArgument,
                        [&] { torchclassify::measure(targeted); });
  support::expect_error(ErrorCode::kInvalidArgument,
                        [&] { measure_multi_label(labelled, {}); });
  support::expect_error(ErrorCode::kInvalidArgument,
                        [&] { top_k_accuracy(targeted, 1); });
}

void test_a_threshold_for_each_class_is_needed() {
  Answers answers{.classes = 2};
  answers.add(0, Targets{1, 0}, Logits{1, 2});

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { measure_multi_label(answers, {0.5f}); }, "2 thresholds");
}

void test_a_temperature_that_is_none_is_refused() {
  const Answers answers = answers_of(2, {{0, {1, 2}}});

  for (const double temperature :
       {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()})
    support::expect_error(
        ErrorCode::kInvalidArgument,
        [&] { torchclassify::measure(answers, temperature); }, "temperature");
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

  const Metrics metrics =
      measure(answers_of(2, {{0, softmax_logits({0.25f, 0.75f}, model)}}));

  g_assert_cmpfloat_with_epsilon(metrics.loss, -std::log(0.25), 1e-6);
  g_assert_cmpfloat_with_epsilon(metrics.ece, 0.75, 1e-6);
}

void test_a_probability_of_zero_has_a_loss() {
  ModelInfo model;
  model.activation = Activation::kNone;

  const Answers answers = answers_of(2, {{0, softmax_logits({0, 1}, model)}});

  g_assert_true(std::isfinite(measure(answers).loss));
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
  g_test_add_func("/metrics/a-temperature-divides-the-logits-of-the-loss",
                  test_a_temperature_divides_the_logits_of_the_loss);
  g_test_add_func("/metrics/a-picture-is-right-if-all-its-labels-are",
                  test_a_picture_is_right_if_all_its_labels_are);
  g_test_add_func("/metrics/a-label-is-predicted-from-its-threshold-on",
                  test_a_label_is_predicted_from_its_threshold_on);
  g_test_add_func("/metrics/top-k-counts-equal-logits-by-their-ids",
                  test_top_k_counts_equal_logits_by_their_ids);
  g_test_add_func("/metrics/confused-pairs-are-the-frequent-ones",
                  test_confused_pairs_are_the_frequent_ones);
  g_test_add_func("/metrics/the-worst-answers-are-wrong-and-sure",
                  test_the_worst_answers_are_wrong_and_sure);
  g_test_add_func("/metrics/worst-answers-of-several-labels-have-one-wrong",
                  test_worst_answers_of_several_labels_have_one_wrong);
  g_test_add_func("/metrics/an-area-that-there-is-not-is-null",
                  test_an_area_that_there_is_not_is_null);
  g_test_add_func("/metrics/names-of-any-bytes-are-written",
                  test_names_of_any_bytes_are_written);
  g_test_add_func("/metrics/labels-and-targets-do-not-mix",
                  test_labels_and_targets_do_not_mix);
  g_test_add_func("/metrics/a-threshold-for-each-class-is-needed",
                  test_a_threshold_for_each_class_is_needed);
  g_test_add_func("/metrics/a-temperature-that-is-none-is-refused",
                  test_a_temperature_that_is_none_is_refused);
  support::add_rows("/metrics/bad-targets-are-refused", kBadTargets,
                    test_bad_targets_are_refused_and_not_counted);
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
