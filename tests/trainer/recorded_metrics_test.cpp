// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything that is measured, against what scikit-learn recorded: random
// answers and degenerate ones.
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recorded_answers.h"
#include "support/test_files.h"
#include "torchclassify/train/calibration.h"
#include "torchclassify/train/curves.h"
#include "torchclassify/train/metrics.h"

namespace {

using nlohmann::json;
using recorded::checksum;
using torchclassify::Answers;
using torchclassify::ClassScores;
using torchclassify::Metrics;
using torchclassify::Scores;

constexpr double kTolerance = 1e-9;

// Checksums of many values are compared relatively; null is NaN.
void expect(const json& expected, const char* key, double value,
            double tolerance = kTolerance) {
  g_assert_true(expected.contains(key));
  if (expected[key].is_null()) {
    g_test_message("%s: expected NaN, got %.17g", key, value);
    g_assert_true(std::isnan(value));
    return;
  }
  const double wanted = expected[key].get<double>();
  g_test_message("%s: expected %.17g, got %.17g", key, wanted, value);
  g_assert_true(std::abs(value - wanted) <=
                tolerance * std::max(1.0, std::abs(wanted)));
}

void expect_scores(const json& expected, const char* key,
                   const Scores& scores) {
  if (!expected.contains(key))
    return;
  const std::vector<double> values = {scores.precision, scores.recall,
                                      scores.f1};
  for (std::size_t i = 0; i < values.size(); ++i)
    g_assert_cmpfloat_with_epsilon(values[i], expected[key].at(i).get<double>(),
                                   kTolerance);
}

// One number of each class; NaN counts as 0.
template <typename Number>
double of_classes(const Metrics& metrics, Number ClassScores::*member) {
  std::vector<double> values;
  for (const ClassScores& scores : metrics.per_class) {
    const auto value = static_cast<double>(scores.*member);
    values.push_back(std::isnan(value) ? 0 : value);
  }
  return checksum(values);
}

double of_classes(const Metrics& metrics, double Scores::*member) {
  return of_classes(metrics, static_cast<double ClassScores::*>(member));
}

void expect_class_scores(const json& expected, const Metrics& metrics) {
  if (expected.contains("precisions")) {
    expect(expected, "precisions", of_classes(metrics, &Scores::precision));
    expect(expected, "recalls", of_classes(metrics, &Scores::recall));
    expect(expected, "f1s", of_classes(metrics, &Scores::f1));
    expect(expected, "supports", of_classes(metrics, &ClassScores::support));
  }
  expect(expected, "average_precisions",
         of_classes(metrics, &ClassScores::average_precision));
  expect(expected, "roc_aucs", of_classes(metrics, &ClassScores::roc_auc));
  const auto ranked = std::count_if(
      metrics.per_class.begin(), metrics.per_class.end(),
      [](const ClassScores& one) { return !std::isnan(one.roc_auc); });
  g_assert_cmpint(ranked, ==, expected["ranked_classes"].get<int>());
  expect(expected, "mean_average_precision", metrics.mean_average_precision);
  expect(expected, "mean_roc_auc", metrics.mean_roc_auc);
}

void expect_averages(const json& expected, const Metrics& metrics) {
  expect_scores(expected, "micro", metrics.micro);
  expect_scores(expected, "macro", metrics.macro);
  expect_scores(expected, "weighted", metrics.weighted);
}

void test_single_label_metrics(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const json& expected = row["expected"];
  const Answers answers = recorded::single_label_answers(row);

  const Metrics metrics = measure(answers);

  expect(expected, "accuracy", metrics.accuracy);
  expect(expected, "balanced_accuracy", metrics.balanced_accuracy);
  expect(expected, "kappa", metrics.kappa);
  expect(expected, "mcc", metrics.mcc);
  expect(expected, "loss", metrics.loss);
  expect(expected, "ece", metrics.ece);
  std::vector<std::int64_t> cells;
  for (const auto& of_truth : metrics.confusion)
    cells.insert(cells.end(), of_truth.begin(), of_truth.end());
  expect(expected, "confusion", checksum(cells));
  expect_averages(expected, metrics);
  expect_class_scores(expected, metrics);
}

void test_temperature(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const Answers answers = recorded::single_label_answers(row);

  expect(row["expected"], "loss_at_2", measure(answers, 2).loss);
  expect(row["expected"], "temperature", fit_temperature(answers), 1e-6);
}

void test_top_k(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const json& expected = row["expected"]["topk"];
  const Answers answers = recorded::single_label_answers(row);

  const auto shares = top_k_accuracy(answers, 6);

  g_assert_cmpuint(shares.size(), ==, expected.size());
  for (std::size_t k = 0; k < shares.size(); ++k)
    g_assert_cmpfloat_with_epsilon(shares[k], expected[k].get<double>(),
                                   kTolerance);
}

void test_multi_label_metrics(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const json& expected = row["expected"];
  const Answers answers = recorded::multi_label_answers(row);

  const Metrics metrics =
      measure_multi_label(answers, recorded::thresholds(answers.classes));

  expect(expected, "accuracy", metrics.accuracy);
  expect(expected, "loss", metrics.loss);
  expect(expected, "ece", metrics.ece);
  expect_averages(expected, metrics);
  expect_class_scores(expected, metrics);
  expect(expected, "temperature", fit_temperature(answers), 1e-6);
}

void test_precision_recall_curve(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const json& expected = row["expected"];
  const auto [truth, values] = recorded::scores(row);

  const auto curve = torchclassify::precision_recall_curve(truth, values);

  g_assert_cmpuint(curve.precision.size(), ==, curve.thresholds.size() + 1);
  g_assert_cmpuint(curve.recall.size(), ==, curve.precision.size());
  expect(expected, "pr_points", static_cast<double>(curve.thresholds.size()));
  expect(expected, "precisions", checksum(curve.precision));
  expect(expected, "recalls", checksum(curve.recall));
  expect(expected, "pr_thresholds", checksum(curve.thresholds));
}

void test_roc_curve(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const json& expected = row["expected"];
  const auto [truth, values] = recorded::scores(row);

  auto curve = torchclassify::roc_curve(truth, values);

  expect(expected, "roc_points", static_cast<double>(curve.thresholds.size()));
  expect(expected, "false_positive_rates", checksum(curve.false_positive_rate));
  expect(expected, "true_positive_rates", checksum(curve.true_positive_rate));
  g_assert_cmpfloat(curve.thresholds[0], ==,
                    std::numeric_limits<double>::infinity());
  curve.thresholds.erase(curve.thresholds.begin());
  expect(expected, "roc_thresholds", checksum(curve.thresholds));
}

void test_areas_and_thresholds(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const json& expected = row["expected"];
  const auto [truth, values] = recorded::scores(row);

  expect(expected, "average_precision",
         torchclassify::average_precision(truth, values));
  expect(expected, "roc_auc", torchclassify::roc_auc(truth, values));
  expect(expected, "best_f1_threshold",
         torchclassify::best_f1_threshold(truth, values));
}

void add_rows(const char* prefix, const json& rows, GTestDataFunc test) {
  for (const json& row : rows) {
    const auto name = row["name"].get<std::string>();
    g_autofree char* path = g_strdup_printf("%s/%s", prefix, name.c_str());
    g_test_add_data_func(path, &row, test);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  const json recorded = json::parse(
      support::read_file(support::test_file("metrics/recorded.json")));
  const json& single = recorded["single"];
  const json& curves = recorded["curves"];
  add_rows("/recorded-metrics/metrics-equal-scikit-learns", single,
           test_single_label_metrics);
  add_rows("/recorded-metrics/the-temperature-is-the-minimum", single,
           test_temperature);
  add_rows("/recorded-metrics/top-k-equals-scikit-learns", single, test_top_k);
  add_rows("/recorded-metrics/multi-label-metrics-equal-scikit-learns",
           recorded["multi"], test_multi_label_metrics);
  add_rows("/recorded-metrics/precision-recall-curves-equal-scikit-learns",
           curves, test_precision_recall_curve);
  add_rows("/recorded-metrics/roc-curves-equal-scikit-learns", curves,
           test_roc_curve);
  add_rows("/recorded-metrics/areas-and-thresholds-equal-scikit-learns", curves,
           test_areas_and_thresholds);
  return g_test_run();
}
