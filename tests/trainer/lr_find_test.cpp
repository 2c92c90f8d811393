// SPDX-License-Identifier: LGPL-2.1-or-later
// The learning-rate range test, on pictures that are easy to tell apart.
#include "torchclassify/train/lr_find.h"

#include <glib.h>

#include <cmath>

#include "made_dataset.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "training/lr_curve.h"

namespace {

using support::expect_error;
using support::TemporaryFolder;
using namespace torchclassify;

constexpr int kSide = 8;

TrainOptions small_options() {
  TrainOptions options;
  options.architecture = "simple_cnn";
  options.preprocessing.resize_size = kSide;
  options.preprocessing.crop_width = options.preprocessing.crop_height = kSide;
  options.batch_size = 16;
  options.epochs = 2;
  return options;
}

std::unique_ptr<Dataset> coloured() {
  return synthetic_dataset(160, /*classes=*/4, kSide, kSide);
}

// With pictures of noise, the one of the index unreadable.
support::MadeDataset broken(std::size_t index) {
  std::vector<support::MadePicture> pictures(40);
  for (std::size_t i = 0; i < pictures.size(); ++i)
    pictures[i] = {.picture = support::noise(i, kSide, kSide),
                   .labels = {static_cast<int>(i % 2)}};
  pictures[index].failure = ErrorCode::kBadData;
  return {{"even", "odd"}, std::move(pictures)};
}

LearningRateCurve recorded(const std::vector<double>& losses) {
  LearningRateRecorder recorder;
  double rate = 1e-4;
  for (const double loss : losses) {
    if (!recorder.add(rate, loss))
      break;
    rate *= 2;
  }
  return recorder.finish();
}

double accuracy_at(const Dataset& pictures, double rate) {
  const TemporaryFolder folder;
  TrainOptions options = small_options();
  options.schedule.peak = rate;
  options.output = folder.path();
  return train(pictures, &pictures, options, {}).best.accuracy;
}

void test_the_steepest_rate_trains() {
  const auto pictures = coloured();

  const LearningRateCurve curve =
      find_learning_rate(*pictures, small_options(), {});

  g_assert_true(curve.steepest.has_value());
  g_assert_cmpfloat(accuracy_at(*pictures, *curve.steepest), >=, 0.95);
  // Not every rate does.
  g_assert_cmpfloat(accuracy_at(*pictures, 1e-7), <, 0.8);
}

void test_rates_grow_by_the_same_factor() {
  const LearningRateCurve curve = find_learning_rate(
      *coloured(), small_options(), {.start = 1e-5, .end = 1e-2, .steps = 31});

  g_assert_false(curve.exploded);
  g_assert_cmpuint(curve.points.size(), ==, 31);
  g_assert_cmpfloat(curve.points.front().learning_rate, ==, 1e-5);
  for (std::size_t i = 1; i < curve.points.size(); ++i)
    g_assert_cmpfloat_with_epsilon(
        curve.points[i].learning_rate / curve.points[i - 1].learning_rate,
        std::pow(10, 0.1), 1e-9);
}

void test_a_loss_out_of_hand_ends_it() {
  const LearningRateCurve curve = find_learning_rate(
      *coloured(), small_options(), {.start = 1e-3, .end = 1e6, .steps = 200});

  g_assert_true(curve.exploded);
  g_assert_cmpuint(curve.points.size(), >, 10);
  g_assert_cmpuint(curve.points.size(), <, 200);
  for (const LearningRatePoint& point : curve.points)
    g_assert_true(std::isfinite(point.loss));
}

void test_the_seed_alone_decides() {
  TrainOptions options = small_options();
  options.augment.hflip = 0.5;
  options.workers = 1;
  const auto pictures = coloured();
  const LearningRateRange range{.steps = 20};

  const std::string one = to_csv(find_learning_rate(*pictures, options, range));
  options.workers = 3;
  const std::string three =
      to_csv(find_learning_rate(*pictures, options, range));
  options.seed = 1;
  const std::string other =
      to_csv(find_learning_rate(*pictures, options, range));

  g_assert_cmpstr(one.c_str(), ==, three.c_str());
  g_assert_cmpstr(one.c_str(), !=, other.c_str());
}

void test_every_step_is_told() {
  std::vector<int> steps;

  const LearningRateCurve curve = find_learning_rate(
      *coloured(), small_options(), {.end = 1e-3, .steps = 12},
      [&](const LearningRatePoint& point) { steps.push_back(point.step); });

  g_assert_cmpuint(steps.size(), ==, 12);
  g_assert_cmpint(steps.front(), ==, 1);
  g_assert_cmpint(steps.back(), ==, curve.points.back().step);
}

// 0.98 of what was, debiased: (0.98 * 0.02 * 1 + 0.02 * 4) / (1 - 0.98^2).
void test_the_average_is_of_all_losses_so_far() {
  const LearningRateCurve curve = recorded({1, 4});

  g_assert_cmpfloat_with_epsilon(curve.points[0].smoothed, 1, 1e-12);
  g_assert_cmpfloat_with_epsilon(curve.points[1].smoothed, 0.0996 / 0.0396,
                                 1e-12);
}

void test_more_than_four_times_the_least_is_too_much() {
  g_assert_false(recorded({1, 1, 9.8}).exploded);
  g_assert_true(recorded({1, 1, 10.8}).exploded);
  g_assert_cmpuint(recorded({1, 1, 10.8, 1}).points.size(), ==, 3);
}

void test_a_loss_that_is_not_finite_is_left_out() {
  const LearningRateCurve curve = recorded({1, 1, std::nan(""), 1});

  g_assert_true(curve.exploded);
  g_assert_cmpuint(curve.points.size(), ==, 2);
}

void test_a_loss_that_never_falls_suggests_nothing() {
  const LearningRateCurve curve = recorded({1, 1.1, 1.2, 1.3, 1.4, 1.5});

  g_assert_false(curve.steepest.has_value());
  g_assert_false(curve.minimum_tenth.has_value());
}

// Rates are 1e-4 times powers of 2; the average is lowest at the sixth.
void test_slope_and_minimum_are_of_the_average() {
  const LearningRateCurve curve = recorded({3, 3, 2.5, 1, 1, 2, 4, 6});

  g_assert_cmpfloat_with_epsilon(curve.steepest.value(), 8e-4, 1e-12);
  g_assert_cmpfloat_with_epsilon(curve.minimum_tenth.value(), 3.2e-4, 1e-12);
}

void test_the_plot_says_what_is_suggested() {
  LearningRateCurve curve = recorded({3, 3, 2.5, 1, 1, 2, 4, 6});

  const std::string svg = to_svg(curve);

  g_assert_true(svg.starts_with("<?xml"));
  g_assert_true(svg.find("Steepest descent: 0.0008<") != std::string::npos);
  curve.points.resize(1);
  expect_error(
      ErrorCode::kInvalidArgument, [&] { to_svg(curve); }, "two points");
}

struct BadRange {
  const char* name;
  LearningRateRange range;
  const char* word;
};

const BadRange kBadRanges[] = {
    {"from-zero", {.start = 0}, "positive"},
    {"from-below-zero", {.start = -1e-3}, "positive"},
    {"from-nan", {.start = std::nan("")}, "positive"},
    {"downwards", {.start = 1e-2, .end = 1e-3}, "above the first"},
    {"of-one-rate", {.start = 1e-2, .end = 1e-2}, "above the first"},
    {"to-infinity", {.end = INFINITY}, "1e6"},
    {"to-nan", {.end = std::nan("")}, "1e6"},
    {"of-no-steps", {.steps = 0}, "steps"},
    {"of-too-few-steps", {.steps = 9}, "steps"},
    {"of-too-many-steps", {.steps = 100'001}, "steps"},
};

void test_a_bad_range_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const BadRange*>(data);

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { find_learning_rate(*coloured(), small_options(), bad.range); },
      bad.word);
}

void test_bad_options_are_refused() {
  TrainOptions options = small_options();
  options.batch_size = 0;

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { find_learning_rate(*coloured(), options, {}); }, "batch");
}

void test_one_class_is_refused() {
  expect_error(
      ErrorCode::kBadData,
      [] {
        find_learning_rate(*synthetic_dataset(20, /*classes=*/1, kSide, kSide),
                           small_options(), {});
      },
      "two classes");
}

void test_an_unreadable_picture_is_named() {
  expect_error(
      ErrorCode::kBadData,
      [] { find_learning_rate(broken(7), small_options(), {}); }, "picture 7");
}

void test_an_unreadable_picture_can_be_skipped() {
  TrainOptions options = small_options();
  options.on_corrupt = OnCorrupt::kSkip;

  const LearningRateCurve curve =
      find_learning_rate(broken(7), options, {.end = 1e-3, .steps = 10});

  g_assert_cmpuint(curve.points.size(), ==, 10);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/lr-find/the-steepest-rate-trains",
                  test_the_steepest_rate_trains);
  g_test_add_func("/lr-find/rates-grow-by-the-same-factor",
                  test_rates_grow_by_the_same_factor);
  g_test_add_func("/lr-find/a-loss-out-of-hand-ends-it",
                  test_a_loss_out_of_hand_ends_it);
  g_test_add_func("/lr-find/the-seed-alone-decides",
                  test_the_seed_alone_decides);
  g_test_add_func("/lr-find/every-step-is-told", test_every_step_is_told);
  g_test_add_func("/lr-find/the-average-is-of-all-losses-so-far",
                  test_the_average_is_of_all_losses_so_far);
  g_test_add_func("/lr-find/more-than-four-times-the-least-is-too-much",
                  test_more_than_four_times_the_least_is_too_much);
  g_test_add_func("/lr-find/a-loss-that-is-not-finite-is-left-out",
                  test_a_loss_that_is_not_finite_is_left_out);
  g_test_add_func("/lr-find/a-loss-that-never-falls-suggests-nothing",
                  test_a_loss_that_never_falls_suggests_nothing);
  g_test_add_func("/lr-find/slope-and-minimum-are-of-the-average",
                  test_slope_and_minimum_are_of_the_average);
  g_test_add_func("/lr-find/the-plot-says-what-is-suggested",
                  test_the_plot_says_what_is_suggested);
  support::add_rows("/lr-find/a-bad-range-is-refused", kBadRanges,
                    test_a_bad_range_is_refused);
  g_test_add_func("/lr-find/bad-options-are-refused",
                  test_bad_options_are_refused);
  g_test_add_func("/lr-find/one-class-is-refused", test_one_class_is_refused);
  g_test_add_func("/lr-find/an-unreadable-picture-is-named",
                  test_an_unreadable_picture_is_named);
  g_test_add_func("/lr-find/an-unreadable-picture-can-be-skipped",
                  test_an_unreadable_picture_can_be_skipped);
  return g_test_run();
}
