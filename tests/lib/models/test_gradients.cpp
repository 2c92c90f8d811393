// SPDX-License-Identifier: LGPL-2.1-or-later
// Training mode against the reference implementation's recorded gradients.
#include <glib.h>

#include <algorithm>
#include <map>

#include <torch/torch.h>

#include "formula.h"
#include "model_tests.h"
#include "recorded.h"
#include "torchclassify/nn/registry.h"

namespace {
using support::Recorded;

constexpr char kFile[] = "models/gradients.txt";
constexpr double kTolerance = 1e-4;

auto training_model(const std::string& name) {
  const auto all = torchclassify::nn::architectures();
  const auto facts =
      *std::ranges::find(all, name, &torchclassify::nn::Architecture::name);
  const auto model = torchclassify::nn::create_model(
      name, {.classes = facts.classes, .initialize = false});
  support::fill_by_formula(*model);
  support::leave_nothing_to_chance(*model);
  model->to(torch::kFloat64);
  return model;
}

torch::Tensor loss_of(torchclassify::nn::ImageClassifierImpl& model,
                      const torch::Tensor& pictures) {
  const auto target = torch::tensor({1, 2}, torch::kInt64);
  const auto output = model.forward_training(pictures);
  auto loss = torch::nn::functional::cross_entropy(output.logits, target);
  for (const auto& head : output.auxiliary)
    loss = loss + head.loss_weight *
                      torch::nn::functional::cross_entropy(head.logits, target);
  return loss;
}

void test_gradients(gconstpointer name) {
  const Recorded recorded(kFile, static_cast<const char*>(name));
  const auto model = training_model(static_cast<const char*>(name));
  const auto pictures =
      support::pictures_by_formula(2, recorded.integer("size"));

  const auto loss = loss_of(*model, pictures.to(torch::kFloat64));
  loss.backward();

  std::map<std::string, torch::Tensor> gradients;
  for (const auto& parameter : model->named_parameters()) {
    if (parameter.value().requires_grad())
      gradients[parameter.key()] = parameter.value().grad().flatten();
  }
  const auto norms = recorded.list("norms");
  const auto products = recorded.list("products");
  g_assert_cmpfloat(std::abs(loss.item<double>() / recorded.number("loss") - 1),
                    <=, kTolerance);
  g_assert_cmpint(norms.size(0), ==,
                  static_cast<std::int64_t>(gradients.size()));
  // What is zero but for rounding (a bias before a batch norm) has no
  // relative error.
  const double floor = 1e-6 * norms.max().item<double>();
  double worst = 0;
  std::int64_t i = 0;
  for (const auto& [key, gradient] : gradients) {
    const double norm = norms[i].item<double>();
    const auto numbers = support::numbers_by_formula(key, gradient.numel());
    const double scale = std::max(norm, floor);
    const double off =
        std::max(std::abs(gradient.norm().item<double>() - norm) / scale,
                 std::abs(gradient.dot(numbers).item<double>() -
                          products[i].item<double>()) /
                     (scale * numbers.norm().item<double>()));
    if (!(off <= kTolerance))
      g_error("%s: the gradient is off by %g of its norm", key.c_str(), off);
    worst = std::max(worst, off);
    ++i;
  }
  g_test_message("relative: %.1e", worst);
}

}  // namespace

void add_gradient_tests() {
  static const auto all = torchclassify::nn::architectures();
  for (const auto& facts : all) {
    if (Recorded(kFile, facts.name).has("loss"))
      g_test_add_data_func(
          ("/models/gradients-equal-the-reference/" + facts.name).c_str(),
          facts.name.c_str(), test_gradients);
  }
}
