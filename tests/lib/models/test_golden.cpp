// SPDX-License-Identifier: LGPL-2.1-or-later
// Every architecture against the reference implementation's recorded facts.
#include <glib.h>

#include <algorithm>
#include <cmath>

#include <torch/torch.h>

#include "formula.h"
#include "model_tests.h"
#include "models/state_dict.h"
#include "recorded.h"
#include "torchclassify/nn/batch_norm.h"

namespace {
using support::Recorded;
using torchclassify::nn::Architecture;

Architecture find(const std::string& name) {
  const auto all = torchclassify::nn::architectures();
  return *std::ranges::find(all, name, &Architecture::name);
}

auto make(const Architecture& facts, bool initialize) {
  return torchclassify::nn::create_model(
      facts.name, {.classes = facts.classes, .initialize = initialize});
}

std::string hashed(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  g_autofree char* hash = g_strdup_printf(
      "%016" G_GINT64_MODIFIER "x", static_cast<guint64>(support::fnv1a(text)));
  return hash;
}

std::string shape_text(const torch::Tensor& tensor) {
  std::string text;
  for (const std::int64_t size : tensor.sizes())
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

double largest(const torch::Tensor& values) {
  return values.abs().max().item<double>();
}

void test_logits(gconstpointer name) {
  const Recorded golden("models/golden.txt", static_cast<const char*>(name));
  const Architecture facts = find(static_cast<const char*>(name));
  const auto model = make(facts, /*initialize=*/false);
  support::fill_by_formula(*model);
  support::leave_nothing_to_chance(*model);
  const auto pictures = support::pictures_by_formula(2, golden.integer("size"));
  support::take_statistics(*model, pictures);
  model->eval();

  const torch::NoGradGuard no_grad;
  const auto logits = model->forward(pictures).to(torch::kFloat64);

  const auto first = golden.list("first");
  const auto last = golden.list("last");
  const double allowed = 1e-4 * golden.number("largest");
  const double off_first =
      largest(logits[0].slice(0, 0, first.size(0)) - first);
  const double off_last = largest(logits[1].slice(0, -last.size(0)) - last);
  const double off_norm =
      std::fabs(logits.norm().item<double>() / golden.number("norm") - 1);
  g_test_message("relative: first %.1e, last %.1e, norm %.1e",
                 off_first / golden.number("largest"),
                 off_last / golden.number("largest"), off_norm);
  g_assert_cmpint(logits.size(1), ==, facts.classes);
  g_assert_cmpfloat(off_first, <=, allowed);
  g_assert_cmpfloat(off_last, <=, allowed);
  g_assert_cmpfloat(off_norm, <=, 1e-4);
}

void test_names_and_shapes(gconstpointer name) {
  const Recorded golden("models/golden.txt", static_cast<const char*>(name));
  const auto model =
      make(find(static_cast<const char*>(name)), /*initialize=*/false);

  std::vector<std::string> lines;
  for (const auto& [key, tensor] : torchclassify::state_dict(*model))
    lines.push_back(key + " " + shape_text(tensor));

  const std::string hash = hashed(lines);
  const std::string expected = golden.text("names");
  g_assert_cmpstr(hash.c_str(), ==, expected.c_str());
  g_assert_cmpuint(lines.size(), ==,
                   static_cast<guint64>(golden.integer("tensors")));
}

void test_norms(gconstpointer name) {
  const Recorded golden("models/golden.txt", static_cast<const char*>(name));
  const auto model =
      make(find(static_cast<const char*>(name)), /*initialize=*/false);

  std::vector<std::string> lines;
  for (const auto& part : model->named_modules()) {
    const auto* norm = part.value()->as<torchclassify::nn::BatchNorm2d>();
    if (!norm)
      continue;
    g_autofree char* line =
        g_strdup_printf("%s %.6g %.6g", part.key().c_str(), norm->options.eps(),
                        *norm->options.momentum());
    lines.emplace_back(line);
  }

  const std::string hash = hashed(lines);
  const std::string expected = golden.text("norms");
  g_assert_cmpstr(hash.c_str(), ==, expected.c_str());
}

void test_counts(gconstpointer name) {
  const Recorded golden("models/golden.txt", static_cast<const char*>(name));

  const Architecture facts = find(static_cast<const char*>(name));

  g_assert_cmpint(facts.parameters, ==, golden.integer("parameters"));
  g_assert_cmpint(facts.macs, ==, golden.integer("macs"));
}

void test_initial_weights(gconstpointer name) {
  const Recorded golden("models/golden.txt", static_cast<const char*>(name));
  torch::manual_seed(0);

  const auto model = make(find(static_cast<const char*>(name)),
                          /*initialize=*/true);

  double sum = 0;
  for (const auto& parameter : model->parameters())
    sum += parameter.detach().to(torch::kFloat64).abs().sum().item<double>();
  g_test_message("%.9g", sum);
  g_assert_true(model->is_training());
  g_assert_cmpfloat(std::fabs(sum / golden.number("initial") - 1), <=, 1e-6);
}

}  // namespace

void add_golden_tests() {
  static const auto all = torchclassify::nn::architectures();
  for (const Architecture& facts : all) {
    const auto add = [&facts](const std::string& path, GTestDataFunc test) {
      g_test_add_data_func((path + facts.name).c_str(), facts.name.c_str(),
                           test);
    };
    add("/models/logits-equal-the-reference/", test_logits);
    add("/models/names-and-shapes-equal-the-reference/", test_names_and_shapes);
    add("/models/norms-equal-the-reference/", test_norms);
    add("/models/counts-equal-the-reference/", test_counts);
    if (Recorded("models/golden.txt", facts.name).has("initial"))
      add("/models/initial-weights-equal-the-reference/", test_initial_weights);
  }
}
