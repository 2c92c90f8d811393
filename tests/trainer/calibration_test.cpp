// SPDX-License-Identifier: LGPL-2.1-or-later
// Calibration, thresholds and the history's file.
#include "torchclassify/train/calibration.h"

#include <glib.h>

#include <cmath>

#include "support/expect_error.h"
#include "torchclassify/train/history.h"
#include "torchclassify/train/metrics.h"

namespace {

using torchclassify::Activation;
using torchclassify::Answers;
using torchclassify::EpochRecord;
using torchclassify::ErrorCode;

using Logits = std::vector<float>;
using Targets = std::vector<std::uint8_t>;

void assert_near(double value, double expected) {
  g_assert_cmpfloat_with_epsilon(value, expected, 1e-9);
}

// Sure of class 0 by odds of e^logit, and right in 3 of 4.
Answers three_of_four(float logit) {
  Answers answers{.classes = 2};
  for (std::size_t i = 0; i < 4; ++i)
    answers.add(i, i == 3 ? 1 : 0, Logits{logit, 0});
  return answers;
}

// At odds of 3 to 1, which is what happened, the loss is least.
void test_the_temperature_makes_confidence_the_accuracy() {
  const Answers answers = three_of_four(6);

  const double temperature = fit_temperature(answers);

  assert_near(temperature, 6 / std::log(3.0));
  assert_near(expected_calibration_error(reliability(answers, temperature)), 0);
  g_assert_cmpfloat(measure(answers, temperature).loss, <,
                    measure(answers).loss);
}

void test_the_temperature_of_several_labels_is_of_sigmoids() {
  Answers answers{.classes = 1};
  for (std::size_t i = 0; i < 4; ++i)
    answers.add(i, Targets{i == 3 ? std::uint8_t{0} : std::uint8_t{1}},
                Logits{6});

  assert_near(fit_temperature(answers), 6 / std::log(3.0));
}

void test_the_temperature_stays_in_its_range() {
  Answers right{.classes = 2};
  right.add(0, 0, Logits{2, 0});
  Answers wrong{.classes = 2};
  wrong.add(0, 1, Logits{2, 0});

  g_assert_cmpfloat(fit_temperature(right), ==, 0.05);
  g_assert_cmpfloat(fit_temperature(wrong), ==, 20);
}

void test_without_anything_to_fit_the_temperature_is_one() {
  Answers equal{.classes = 2};
  equal.add(0, 1, Logits{3, 3});

  g_assert_cmpfloat(fit_temperature(Answers{.classes = 2}), ==, 1);
  g_assert_cmpfloat(fit_temperature(equal), ==, 1);
}

// Confidences of 1/2 and 3/4.
void test_a_bin_ends_with_its_upper_bound() {
  Answers answers{.classes = 2};
  answers.add(0, 0, Logits{0, 0});
  answers.add(1, 1, Logits{std::log(3.0f), 0});

  const auto bins = torchclassify::reliability(answers, 1, 2);

  g_assert_cmpint(bins[0].count, ==, 1);
  assert_near(bins[0].confidence, 0.5);
  assert_near(bins[0].accuracy, 1);
  g_assert_cmpint(bins[1].count, ==, 1);
  g_assert_cmpfloat_with_epsilon(bins[1].confidence, 0.75, 1e-6);
  assert_near(bins[1].accuracy, 0);
}

void test_no_answers_have_no_calibration_error() {
  assert_near(expected_calibration_error(
                  torchclassify::reliability(Answers{.classes = 2})),
              0);
}

void test_bins_and_temperatures_that_are_none_are_refused() {
  const Answers answers = three_of_four(1);

  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { torchclassify::reliability(answers, 1, 0); }, "bin");
  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { torchclassify::reliability(answers, 0); }, "temperature");
  support::expect_error(
      ErrorCode::kInvalidArgument,
      [&] { probabilities(answers, Activation::kSigmoid, -1); }, "temperature");
}

void test_probabilities_are_softmax_or_sigmoid() {
  Answers answers{.classes = 2};
  answers.add(0, 0, Logits{2, 0});

  const auto softmax = probabilities(answers, Activation::kSoftmax, 2);
  const auto sigmoid = probabilities(answers, Activation::kSigmoid);

  assert_near(softmax[0], 1 / (1 + std::exp(-1.0)));
  assert_near(softmax[0] + softmax[1], 1);
  assert_near(sigmoid[0], 1 / (1 + std::exp(-2.0)));
  assert_near(sigmoid[1], 0.5);
}

// Class 0 is there from a logit of -1 on, class 1 nowhere.
void test_thresholds_separate_what_can_be_separated() {
  Answers answers{.classes = 2};
  answers.add(0, Targets{1, 0}, Logits{3, 1});
  answers.add(1, Targets{1, 0}, Logits{-1, 1});
  answers.add(2, Targets{0, 0}, Logits{-2, 1});

  const auto thresholds = fit_thresholds(answers, Activation::kSigmoid);

  assert_near(measure_multi_label(answers, thresholds).per_class[0].f1, 1);
  g_assert_cmpfloat(thresholds[0], <=, 1 / (1 + std::exp(1.0)));
  g_assert_cmpfloat(thresholds[1], ==, 0.5f);
}

void test_thresholds_of_single_labels_are_one_against_the_rest() {
  Answers answers{.classes = 3};
  answers.add(0, 0, Logits{1, 0, 0});
  answers.add(1, 1, Logits{0, 0, 0});

  const auto thresholds = fit_thresholds(answers, Activation::kSoftmax);

  g_assert_cmpuint(thresholds.size(), ==, 3);
  const double other = 1 / (2 + std::exp(1.0));  // of picture 0
  g_assert_cmpfloat_with_epsilon(thresholds[1], (1.0 / 3 + other) / 2, 1e-6);
}

void test_a_history_is_a_line_for_each_epoch() {
  EpochRecord first{.epoch = 1, .train_loss = 0.5, .train_accuracy = 0.75};
  first.learning_rate = 0.01;
  first.validated = true;
  first.best = true;
  first.valid_accuracy = 0.5;
  EpochRecord second{.epoch = 2, .train_loss = 0.25};

  const std::string text = torchclassify::to_csv({first, second});

  g_assert_cmpstr(
      text.c_str(), ==,
      "epoch,train_loss,train_accuracy,lr,valid_loss,valid_accuracy,"
      "valid_top5_accuracy,valid_balanced_accuracy,valid_macro_precision,"
      "valid_macro_recall,valid_macro_f1,valid_ece,accuracy_gap,best\n"
      "1,0.5,0.75,0.01,0,0.5,0,0,0,0,0,0,0.25,1\n"
      "2,0.25,0,0,,,,,,,,,,0\n");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/calibration/the-temperature-makes-confidence-the-accuracy",
                  test_the_temperature_makes_confidence_the_accuracy);
  g_test_add_func(
      "/calibration/the-temperature-of-several-labels-is-of-sigmoids",
      test_the_temperature_of_several_labels_is_of_sigmoids);
  g_test_add_func("/calibration/the-temperature-stays-in-its-range",
                  test_the_temperature_stays_in_its_range);
  g_test_add_func("/calibration/without-anything-to-fit-the-temperature-is-one",
                  test_without_anything_to_fit_the_temperature_is_one);
  g_test_add_func("/calibration/a-bin-ends-with-its-upper-bound",
                  test_a_bin_ends_with_its_upper_bound);
  g_test_add_func("/calibration/no-answers-have-no-calibration-error",
                  test_no_answers_have_no_calibration_error);
  g_test_add_func(
      "/calibration/bins-and-temperatures-that-are-none-are-refused",
      test_bins_and_temperatures_that_are_none_are_refused);
  g_test_add_func("/calibration/probabilities-are-softmax-or-sigmoid",
                  test_probabilities_are_softmax_or_sigmoid);
  g_test_add_func("/calibration/thresholds-separate-what-can-be-separated",
                  test_thresholds_separate_what_can_be_separated);
  g_test_add_func(
      "/calibration/thresholds-of-single-labels-are-one-against-the-rest",
      test_thresholds_of_single_labels_are_one_against_the_rest);
  g_test_add_func("/history/a-line-for-each-epoch",
                  test_a_history_is_a_line_for_each_epoch);
  return g_test_run();
}
