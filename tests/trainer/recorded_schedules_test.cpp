// SPDX-License-Identifier: LGPL-2.1-or-later
// Learning rates and class weights, against what PyTorch and scikit-learn
// recorded.
#include <glib.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "support/test_files.h"
#include "torchclassify/train/schedule.h"
#include "training/class_weights.h"

namespace {
using namespace torchclassify;
using nlohmann::json;

constexpr double kPeak = 0.5;  // as record_training.py

ScheduleKind kind_of(const json& row) {
  static const std::map<std::string, ScheduleKind> kinds = {
      {"constant", ScheduleKind::kConstant},
      {"step", ScheduleKind::kStep},
      {"multi-step", ScheduleKind::kMultiStep},
      {"cosine", ScheduleKind::kCosine},
      {"exponential", ScheduleKind::kExponential},
      {"polynomial", ScheduleKind::kPolynomial},
      {"one-cycle", ScheduleKind::kOneCycle}};
  return kinds.at(row["kind"].get<std::string>());
}

ScheduleOptions options_of(const json& row) {
  ScheduleOptions options;
  options.kind = kind_of(row);
  options.peak = kPeak;
  options.total_ticks = static_cast<std::int64_t>(row["rates"].size());
  options.step_size = row.value("step_size", options.step_size);
  options.gamma = row.value("gamma", options.gamma);
  options.milestones = row.value("milestones", options.milestones);
  options.floor = row.value("floor", options.floor);
  options.power = row.value("power", options.power);
  options.one_cycle_rise = row.value("rise", options.one_cycle_rise);
  if (const json& warmup = row["warmup"]; !warmup.is_null()) {
    options.warmup = warmup["warmup"] == "linear" ? WarmupKind::kLinear
                                                  : WarmupKind::kConstant;
    options.warmup_ticks = warmup["ticks"];
    options.warmup_start = warmup["start"];
  }
  return options;
}

void test_rates_are_pytorchs(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const ScheduleOptions options = options_of(row);

  for (std::size_t tick = 0; tick < row["rates"].size(); ++tick)
    g_assert_cmpfloat_with_epsilon(
        learning_rate(options, static_cast<std::int64_t>(tick)),
        row["rates"][tick].get<double>(), 1e-8);
}

void test_plateaus_are_pytorchs(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const ScheduleOptions options{.kind = ScheduleKind::kPlateau,
                                .peak = kPeak,
                                .floor = 0.004,
                                .gamma = 0.1};
  PlateauCounter counter(/*patience=*/2);

  for (std::size_t epoch = 0; epoch < row["measures"].size(); ++epoch) {
    counter.add(row["measures"][epoch]);

    g_assert_cmpfloat_with_epsilon(
        learning_rate(options, 0, counter.state().reductions),
        row["rates"][epoch].get<double>(), 1e-9);
  }
}

void test_a_restored_plateau_counter_goes_on() {
  PlateauCounter counter(/*patience=*/1), other(/*patience=*/1);
  for (const double measure : {0.5, 0.4}) counter.add(measure);

  other.restore(counter.state());
  other.add(0.5);

  g_assert_cmpint(other.state().reductions, ==, 1);
}

void test_ticks_after_the_last_have_its_rate() {
  const ScheduleOptions cosine{
      .kind = ScheduleKind::kCosine, .peak = 1, .total_ticks = 10};

  g_assert_cmpfloat(learning_rate(cosine, 11), ==, learning_rate(cosine, 10));
}

void expect_weights(ClassWeights kind, const json& row, const char* name) {
  const auto weights = class_weights({.class_weights = kind}, row["counts"]);

  g_assert_cmpuint(weights.size(), ==, row[name].size());
  for (std::size_t i = 0; i < weights.size(); ++i)
    g_assert_cmpfloat_with_epsilon(weights[i], row[name][i].get<double>(),
                                   1e-9);
}

void test_balanced_weights_are_scikit_learns(gconstpointer data) {
  expect_weights(ClassWeights::kBalanced, *static_cast<const json*>(data),
                 "balanced");
}

void test_effective_weights_are_the_papers(gconstpointer data) {
  expect_weights(ClassWeights::kEffective, *static_cast<const json*>(data),
                 "effective");
}

void add_rows(const char* prefix, const json& rows, GTestDataFunc test) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string name = rows[i].contains("name")
                                 ? rows[i]["name"].get<std::string>()
                                 : std::to_string(i);
    g_autofree char* path = g_strdup_printf("%s/%s", prefix, name.c_str());
    g_test_add_data_func(path, &rows[i], test);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  const json recorded = json::parse(
      support::read_file(support::test_file("training/recorded.json")));
  add_rows("/recorded-schedules/rates-are-pytorchs", recorded["schedules"],
           test_rates_are_pytorchs);
  add_rows("/recorded-schedules/plateaus-are-pytorchs", recorded["plateaus"],
           test_plateaus_are_pytorchs);
  g_test_add_func("/recorded-schedules/a-restored-plateau-counter-goes-on",
                  test_a_restored_plateau_counter_goes_on);
  g_test_add_func("/recorded-schedules/ticks-after-the-last-have-its-rate",
                  test_ticks_after_the_last_have_its_rate);
  add_rows("/recorded-schedules/balanced-weights-are-scikit-learns",
           recorded["class_weights"], test_balanced_weights_are_scikit_learns);
  add_rows("/recorded-schedules/effective-weights-are-the-papers",
           recorded["class_weights"], test_effective_weights_are_the_papers);
  return g_test_run();
}
