// SPDX-License-Identifier: LGPL-2.1-or-later
// Losses and steps, against what PyTorch and torchvision recorded.
#include <glib.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include <torch/torch.h>

#include "support/test_files.h"
#include "torchclassify/nn/registry.h"
#include "training/amp.h"
#include "training/loss.h"
#include "training/optimiser.h"
#include "training/weight_average.h"

namespace {
using namespace torchclassify;
using nlohmann::json;

constexpr double kTolerance = 1e-5;

// As record_training.py.
torch::Tensor formula(std::int64_t rows, std::int64_t columns, double factor,
                      double phase) {
  const auto values =
      torch::arange(rows * columns, torch::kFloat64) * factor + phase;
  return torch::sin(values).to(torch::kFloat32).reshape({rows, columns});
}

void expect_near(const torch::Tensor& got, const json& expected) {
  const auto flat = got.detach().to(torch::kFloat64).flatten().contiguous();
  g_assert_cmpint(flat.numel(), ==, static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i)
    g_assert_cmpfloat_with_epsilon(flat.data_ptr<double>()[i],
                                   expected[i].get<double>(), kTolerance);
}

OptimiserOptions optimiser_options(const json& row) {
  OptimiserOptions options;
  options.kind = row["kind"] == "sgd"       ? OptimiserKind::kSgd
                 : row["kind"] == "rmsprop" ? OptimiserKind::kRmsProp
                 : row["kind"] == "adam"    ? OptimiserKind::kAdam
                                            : OptimiserKind::kAdamW;
  options.momentum = row.value("momentum", options.momentum);
  options.nesterov = row.value("nesterov", options.nesterov);
  options.beta1 = row.value("beta1", options.beta1);
  options.beta2 = row.value("beta2", options.beta2);
  options.alpha = row.value("alpha", options.alpha);
  options.epsilon = row.value("epsilon", options.epsilon);
  return options;
}

// Two layers by formula, and what they learn.
struct Network {
  Network() {
    for (torch::Tensor& parameter : parameters)
      parameter.set_requires_grad(true);
  }
  torch::Tensor logits() const {
    const auto hidden =
        torch::tanh(torch::mm(inputs, parameters[0]) + parameters[1]);
    return torch::mm(hidden, parameters[2]) + parameters[3];
  }
  torch::Tensor flat() const {
    std::vector<torch::Tensor> parts;
    for (const auto& parameter : parameters)
      parts.push_back(parameter.flatten());
    return torch::cat(parts).detach();
  }

  std::vector<torch::Tensor> parameters = {
      formula(5, 4, 1.7, 0), formula(1, 4, 0.7, 1), formula(4, 3, 1.1, 2),
      formula(1, 3, 0.3, 3)};
  torch::Tensor inputs = formula(6, 5, 0.9, 0.5);
  Target target = {.labels = torch::tensor({0, 1, 2, 0, 1, 2}, torch::kInt64)};
};

Optimiser optimiser_of(const Network& network, const json& row) {
  return Optimiser({{.names = {"a", "b", "c", "d"},
                     .parameters = network.parameters,
                     .weight_decay = row["weight_decay"]}},
                   optimiser_options(row));
}

double learn(Network& network, Optimiser& optimiser, double rate) {
  const Loss loss({}, {}, torch::kCPU);
  const auto value = loss.sum(network.logits(), network.target) /
                     loss.normaliser(network.target);
  optimiser.zero_grad();
  value.backward();
  optimiser.step(rate);
  return value.item<double>();
}

ScheduleOptions cosine(const json& row) {
  return {.kind = ScheduleKind::kCosine,
          .peak = row["lr"],
          .total_ticks = static_cast<std::int64_t>(row["losses"].size())};
}

void test_ten_steps_are_pytorchs(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  Network network;
  Optimiser optimiser = optimiser_of(network, row);

  for (std::size_t i = 0; i < row["losses"].size(); ++i) {
    const double loss =
        learn(network, optimiser,
              learning_rate(cosine(row), static_cast<std::int64_t>(i)));

    g_assert_cmpfloat_with_epsilon(loss, row["losses"][i].get<double>(),
                                   kTolerance);
  }
  expect_near(network.flat().slice(0, 0, {}, /*step=*/3), row["parameters"]);
}

// Half of the steps by another optimiser that was given the first one's state.
void test_a_loaded_state_goes_on(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  Network straight, resumed;
  Optimiser whole = optimiser_of(straight, row);
  for (int i = 0; i < 6; ++i) learn(straight, whole, 0.01);
  Optimiser first = optimiser_of(resumed, row);
  for (int i = 0; i < 3; ++i) learn(resumed, first, 0.01);

  Optimiser second = optimiser_of(resumed, row);
  second.load_state(first.state());
  for (int i = 0; i < 3; ++i) learn(resumed, second, 0.01);

  g_assert_true(torch::equal(straight.flat(), resumed.flat()));
}

// A gradient of other strides, as a channels-last network has them.
void test_strides_of_a_gradient_do_not_matter() {
  auto plain = torch::ones({2, 3}).set_requires_grad(true);
  auto turned = torch::ones({2, 3}).set_requires_grad(true);
  plain.mutable_grad() = formula(2, 3, 1, 0);
  turned.mutable_grad() = formula(2, 3, 1, 0).t().contiguous().t();
  Optimiser one({{.names = {"x"}, .parameters = {plain}}}, {});
  Optimiser other({{.names = {"x"}, .parameters = {turned}}}, {});

  one.step(0.1);
  other.step(0.1);

  g_assert_true(torch::equal(plain, turned));
}

void test_parameters_without_a_gradient_stay() {
  Network network;
  Optimiser optimiser(
      {{.names = {"a", "b"},
        .parameters = {network.parameters[0], network.parameters[1]},
        .weight_decay = 0.5}},
      {});
  network.parameters[1].mutable_grad() = torch::ones({1, 4});

  optimiser.step(1);

  g_assert_true(torch::equal(network.parameters[0], formula(5, 4, 1.7, 0)));
  g_assert_cmpuint(optimiser.state().size(), ==, 1);
}

Target target_of(const json& row) {
  Target target;
  target.labels = torch::tensor({0, 1, 2, 1}, torch::kInt64);
  if (row.contains("first_weight")) {
    target.second_labels = torch::tensor({1, 1, 0, 2}, torch::kInt64);
    target.first_weight = row["first_weight"];
  }
  if (row.contains("several"))
    target.several = torch::tensor(
        {{1.f, 0.f, 0.f}, {0.f, 1.f, 1.f}, {0.f, 0.f, 0.f}, {1.f, 1.f, 1.f}});
  return target;
}

Loss loss_of(const json& row) {
  LossOptions options;
  options.label_smoothing = row.value("smoothing", 0.0);
  if (row.contains("gamma")) {
    options.kind = LossKind::kFocal;
    options.focal_gamma = row["gamma"];
  }
  return Loss(options, row.value("weights", std::vector<double>{}),
              torch::kCPU);
}

void test_losses_are_pytorchs(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  auto logits = (2 * formula(4, 3, 1.3, 0.2)).set_requires_grad(true);
  const Target target = target_of(row);
  const Loss loss = loss_of(row);

  const auto value = loss.sum(logits, target) / loss.normaliser(target);
  value.backward();

  g_assert_cmpfloat_with_epsilon(value.item<double>(),
                                 row["loss"].get<double>(), kTolerance);
  expect_near(logits.grad(), row["gradient"]);
}

class Pair : public torch::nn::Module {
 public:
  Pair() {
    weight_ = register_parameter("weight", torch::zeros({3}));
    mean_ = register_buffer("mean", torch::zeros({2}));
    count_ = register_buffer("count", torch::zeros({}, torch::kInt64));
  }
  void set(double time) {
    const torch::NoGradGuard no_grad;
    weight_.copy_(formula(1, 3, 1.0, time)[0]);
    mean_.copy_(formula(1, 2, 0.5, time)[0]);
    count_.fill_(time);
  }
  torch::Tensor values() const { return torch::cat({weight_, mean_}).detach(); }
  std::int64_t count() const { return count_.item<std::int64_t>(); }

 private:
  torch::Tensor weight_, mean_, count_;
};

void test_averages_are_torchvisions(gconstpointer data) {
  const json& recorded = *static_cast<const json*>(data);
  Pair model, average;
  WeightAverage updates(model, average, /*decay=*/0.8);

  for (int time = 1; time <= 6; ++time) {
    model.set(time);
    updates.update();
    if (time == 3)
      updates.restart();

    expect_near(average.values(),
                recorded["values"][static_cast<std::size_t>(time - 1)]);
    g_assert_cmpint(average.count(), ==, time);
  }
}

void test_decays_are_torchvisions(gconstpointer data) {
  for (const json& row : (*static_cast<const json*>(data))["decays"])
    g_assert_cmpfloat_with_epsilon(
        decay_per_update(row["decay"], row["batch"], row["steps"],
                         row["epochs"]),
        row["effective"].get<double>(), 1e-12);
}

void test_clipping_is_pytorchs(gconstpointer data) {
  for (const json& row : *static_cast<const json*>(data)) {
    const std::vector<torch::Tensor> gradients = {
        formula(2, 3, 1.0, 0.4)[0].clone(), formula(1, 4, 0.6, 2)[0].clone()};

    const double norm = clip_gradients(gradients, row["limit"]);

    g_assert_cmpfloat_with_epsilon(norm, row["norm"].get<double>(), kTolerance);
    expect_near(torch::cat(gradients), row["gradients"]);
  }
}

void test_scales_are_pytorchs(gconstpointer data) {
  const json& recorded = *static_cast<const json*>(data);
  const std::vector<int> infinite = recorded["infinite"];
  GradScaler scaler(AmpType::kFp16);
  json changes = json::array();

  for (int step = 0; step < recorded["steps"].get<int>(); ++step) {
    const double before = scaler.scale();
    const bool overflow = std::ranges::find(infinite, step) != infinite.end();
    const auto gradient = torch::full(
        {1}, overflow ? std::numeric_limits<float>::infinity() : 1.0f);
    scaler.update(scaler.unscale({gradient}));
    if (scaler.scale() != before)
      changes.push_back({step, scaler.scale()});
  }

  g_assert_true(changes == recorded["changes"]);
}

void test_unscaling_divides() {
  GradScaler scaler(AmpType::kFp16);
  const auto gradient = torch::full({2}, 65536.0f * 3);

  const bool finite = scaler.unscale({gradient});

  g_assert_true(finite);
  g_assert_cmpfloat(gradient[1].item<float>(), ==, 3);
}

void test_groups_are_torchvisions(gconstpointer data) {
  const json& row = *static_cast<const json*>(data);
  const std::string name = row["model"];
  const auto model = nn::create_model(name, {.initialize = false});
  OptimiserOptions options{.weight_decay = 0.25};
  if (!row["norm"].is_null())
    options.norm_weight_decay = row["norm"];
  if (!row["bias"].is_null())
    options.bias_weight_decay = row["bias"];

  const auto groups =
      parameter_groups(*model, layer_groups(name, *model), options);

  json found = json::array();
  for (const ParameterGroup& group : groups) {
    std::int64_t elements = 0;
    for (const auto& parameter : group.parameters)
      elements += parameter.numel();
    found.push_back(
        json::array({group.weight_decay, group.parameters.size(), elements}));
    g_assert_cmpfloat(group.rate, ==, 1);
  }
  g_test_message("%s", found.dump().c_str());
  g_assert_true(found == row["groups"]);
}

void test_layers_learn_slower_away_from_the_head() {
  const auto model = nn::create_model("cifar_resnet20", {.initialize = false});
  const LayerGroups layers = layer_groups("cifar_resnet20", *model);

  const auto groups = parameter_groups(*model, layers, {.layer_decay = 0.5});

  g_assert_cmpuint(groups.size(), ==, layers.size());
  g_assert_cmpfloat(groups.back().rate, ==, 1);
  g_assert_cmpfloat(groups.front().rate, ==,
                    std::pow(0.5, static_cast<double>(layers.size() - 1)));
}

void test_biases_of_norms_learn_faster_and_decay_as_much() {
  const auto model = nn::create_model("cifar_resnet20", {.initialize = false});

  const auto groups =
      parameter_groups(*model, layer_groups("cifar_resnet20", *model),
                       {.weight_decay = 0.5, .bias_rate = 16});

  g_assert_cmpuint(groups.size(), ==, 2);
  g_assert_cmpfloat(groups[1].rate * groups[1].weight_decay, ==, 0.5);
  for (const std::string& name : groups[1].names)
    g_assert_true(name.find("bn") != std::string::npos);
}

void add_rows(const char* prefix, const json& rows, GTestDataFunc test) {
  for (const json& row : rows) {
    g_autofree char* path = g_strdup_printf(
        "%s/%s", prefix, row["name"].get<std::string>().c_str());
    g_test_add_data_func(path, &row, test);
  }
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  torch::set_num_threads(1);
  const json recorded = json::parse(
      support::read_file(support::test_file("training/recorded.json")));
  add_rows("/recorded-training/ten-steps-are-pytorchs", recorded["optimisers"],
           test_ten_steps_are_pytorchs);
  add_rows("/recorded-training/a-loaded-state-goes-on", recorded["optimisers"],
           test_a_loaded_state_goes_on);
  g_test_add_func("/recorded-training/strides-of-a-gradient-do-not-matter",
                  test_strides_of_a_gradient_do_not_matter);
  g_test_add_func("/recorded-training/parameters-without-a-gradient-stay",
                  test_parameters_without_a_gradient_stay);
  add_rows("/recorded-training/losses-are-pytorchs", recorded["losses"],
           test_losses_are_pytorchs);
  g_test_add_data_func("/recorded-training/averages-are-torchvisions",
                       &recorded["averages"], test_averages_are_torchvisions);
  g_test_add_data_func("/recorded-training/decays-are-torchvisions",
                       &recorded["averages"], test_decays_are_torchvisions);
  g_test_add_data_func("/recorded-training/clipping-is-pytorchs",
                       &recorded["clipping"], test_clipping_is_pytorchs);
  g_test_add_data_func("/recorded-training/scales-are-pytorchs",
                       &recorded["scales"], test_scales_are_pytorchs);
  g_test_add_func("/recorded-training/unscaling-divides",
                  test_unscaling_divides);
  add_rows("/recorded-training/groups-are-torchvisions", recorded["groups"],
           test_groups_are_torchvisions);
  g_test_add_func("/recorded-training/layers-learn-slower-away-from-the-head",
                  test_layers_learn_slower_away_from_the_head);
  g_test_add_func(
      "/recorded-training/biases-of-norms-learn-faster-and-decay-as-much",
      test_biases_of_norms_learn_faster_and_decay_as_much);
  return g_test_run();
}
