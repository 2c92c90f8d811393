// SPDX-License-Identifier: LGPL-2.1-or-later
// Batch norms of several batches against torch's of all of them together.
#include <glib.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ATen/OpMathType.h>
#include <torch/torch.h>

#include "model_tests.h"
#include "support/rows.h"
#include "torchclassify/nn/batch_norm.h"
#include "torchclassify/nn/registry.h"

namespace {
using torchclassify::nn::Architecture;
using torchclassify::nn::BatchNorm2d;
using torchclassify::nn::share_statistics;

constexpr std::int64_t kChannels = 3;

// Threads instead of processes.
class Meeting {
 public:
  explicit Meeting(std::size_t size)
      : said_(size), barrier_(static_cast<std::ptrdiff_t>(size)) {}

  void sum(std::size_t rank, std::span<double> values) {
    said_[rank].assign(values.begin(), values.end());
    barrier_.arrive_and_wait();
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = std::accumulate(
          said_.begin(), said_.end(), 0.0,
          [i](double sum, const auto& part) { return sum + part.at(i); });
    barrier_.arrive_and_wait();
  }

  // run(rank) in all of them at a time.
  void hold(const std::function<void(std::size_t)>& run) {
    std::vector<std::jthread> threads;
    for (std::size_t rank = 0; rank < said_.size(); ++rank)
      threads.emplace_back(run, rank);
  }

 private:
  std::vector<std::vector<double>> said_;
  std::barrier<> barrier_;
};

// No two numbers are alike; their mean is offset.
torch::Tensor numbers(torch::IntArrayRef sizes, torch::Dtype dtype,
                      double offset = 0) {
  const std::int64_t count = c10::multiply_integers(sizes);
  return (torch::arange(count, torch::kFloat64).square().sin() + offset)
      .reshape(sizes)
      .to(dtype);
}

// With weights and running statistics that tell mistakes.
template <typename Norm>
Norm make_norm(torch::Dtype dtype, std::optional<double> momentum = 0.3) {
  Norm norm(torch::nn::BatchNorm2dOptions(kChannels).momentum(momentum));
  const torch::NoGradGuard no_grad;
  norm->weight.copy_(torch::tensor({0.5, -1.5, 2.0}));
  norm->bias.copy_(torch::tensor({0.25, 0.0, -3.0}));
  norm->running_mean.copy_(torch::tensor({1.0, 2.0, 3.0}));
  norm->to(dtype);
  return norm;
}

// What becomes of a batch, and of a norm by it.
struct Outcome {
  torch::Tensor y, dx, dweight, dbias, mean, variance, batches;
};

template <typename Norm>
Outcome pass(Norm norm, const torch::Tensor& batch, const torch::Tensor& dy) {
  const auto x = batch.detach().requires_grad_();
  const torch::Tensor y = norm->forward(x);
  y.backward(dy);
  return {y.detach(),
          x.grad(),
          norm->weight.grad(),
          norm->bias.grad(),
          norm->running_mean,
          norm->running_var,
          norm->num_batches_tracked};
}

// The first dimensions' parts to processes of their own.
std::vector<Outcome> pass_apart(const torch::Tensor& batch,
                                const torch::Tensor& dy,
                                const std::vector<std::int64_t>& sizes,
                                std::optional<double> momentum = 0.3) {
  const auto batches = batch.split_with_sizes(sizes);
  const auto gradients = dy.split_with_sizes(sizes);
  const auto dtype = at::toOpMathType(batch.scalar_type());
  std::vector<Outcome> outcomes(sizes.size());
  Meeting meeting(sizes.size());
  meeting.hold([&](std::size_t rank) {
    auto norm = make_norm<BatchNorm2d>(dtype, momentum);
    norm->share_statistics(
        [&](std::span<double> values) { meeting.sum(rank, values); });
    outcomes[rank] = pass(norm, batches[rank], gradients[rank]);
  });
  return outcomes;
}

torch::Tensor joined(const std::vector<Outcome>& outcomes,
                     torch::Tensor Outcome::*member) {
  std::vector<torch::Tensor> parts;
  for (const Outcome& outcome : outcomes) parts.push_back(outcome.*member);
  return torch::cat(parts);
}

torch::Tensor summed(const std::vector<Outcome>& outcomes,
                     torch::Tensor Outcome::*member) {
  torch::Tensor sum = outcomes[0].*member;
  for (std::size_t i = 1; i < outcomes.size(); ++i)
    sum = sum + outcomes[i].*member;
  return sum;
}

void assert_near(const torch::Tensor& a, const torch::Tensor& b, double limit) {
  g_assert_true(a.sizes() == b.sizes());
  g_assert_true(a.scalar_type() == b.scalar_type());
  const double off = (a - b).abs().max().item<double>();
  const double scale = std::max(1.0, b.abs().max().item<double>());
  g_assert_cmpfloat(off, <=, limit * scale);
}

struct Case {
  const char* name;
  std::vector<std::int64_t> sizes;
  torch::Dtype dtype = torch::kFloat32;
  double limit = 1e-6;
  double offset = 0;
  torch::MemoryFormat layout = torch::MemoryFormat::Contiguous;
};

const Case kCases[] = {
    {"two", {2, 2}},
    {"uneven", {3, 1}},
    {"three", {1, 2, 4}},
    {"one-without-pictures", {0, 3}},
    {"all-but-one-without-pictures", {0, 2, 0}},
    {"channels-last",
     {3, 2},
     torch::kFloat32,
     1e-6,
     0,
     torch::MemoryFormat::ChannelsLast},
    {"far-from-0", {3, 2}, torch::kFloat64, 1e-9, 1e3},
    {"float64", {3, 2}, torch::kFloat64, 1e-13},
    {"bfloat16", {3, 2}, torch::kBFloat16, 0x1p-7},
};

void test_batches_apart_are_one(gconstpointer data) {
  const auto& row = *static_cast<const Case*>(data);
  const std::int64_t all =
      std::accumulate(row.sizes.begin(), row.sizes.end(), std::int64_t{0});
  const auto x = numbers({all, kChannels, 4, 5}, row.dtype, row.offset)
                     .contiguous(row.layout);
  const auto dy = (numbers({all, kChannels, 4, 5}, row.dtype) * 0.5 + x.cos())
                      .contiguous(row.layout);

  const auto apart = pass_apart(x, dy, row.sizes);

  const auto one = pass(
      make_norm<torch::nn::BatchNorm2d>(at::toOpMathType(row.dtype)), x, dy);
  assert_near(joined(apart, &Outcome::y), one.y, row.limit);
  assert_near(joined(apart, &Outcome::dx), one.dx, row.limit);
  assert_near(summed(apart, &Outcome::dweight), one.dweight, row.limit);
  assert_near(summed(apart, &Outcome::dbias), one.dbias, row.limit);
  for (const Outcome& rank : apart) {
    assert_near(rank.mean, one.mean, std::min(row.limit, 1e-6));
    assert_near(rank.variance, one.variance, std::min(row.limit, 1e-6));
    g_assert_true(torch::equal(rank.mean, apart[0].mean));
    g_assert_true(torch::equal(rank.variance, apart[0].variance));
    g_assert_cmpint(rank.batches.item<std::int64_t>(), ==, 1);
  }
}

// Of the loss that every process's y adds to.
void test_gradients_equal_finite_differences() {
  constexpr double kStep = 1e-5;
  const std::vector<std::int64_t> sizes = {2, 0, 1};
  const auto x = numbers({3, kChannels, 2, 1}, torch::kFloat64);
  const auto dy = numbers({3, kChannels, 2, 1}, torch::kFloat64, 0.5);
  const auto loss = [&](const torch::Tensor& at) {
    return (joined(pass_apart(at, dy, sizes), &Outcome::y) * dy)
        .sum()
        .item<double>();
  };

  const auto dx = joined(pass_apart(x, dy, sizes), &Outcome::dx).flatten();

  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const auto change = torch::zeros(x.numel(), torch::kFloat64)
                            .index_fill_(0, torch::tensor(i), kStep);
    const double slope =
        (loss(x + change.view_as(x)) - loss(x - change.view_as(x))) /
        (2 * kStep);
    g_assert_cmpfloat_with_epsilon(dx[i].item<double>(), slope, 1e-7);
  }
}

void test_without_a_momentum_statistics_are_means() {
  const auto x = numbers({4, kChannels, 4, 5}, torch::kFloat32);

  const auto apart = pass_apart(x, x, {1, 3}, /*momentum=*/std::nullopt);

  const auto one = pass(
      make_norm<torch::nn::BatchNorm2d>(torch::kFloat32, std::nullopt), x, x);
  assert_near(apart[0].mean, one.mean, 1e-6);
  assert_near(apart[1].variance, one.variance, 1e-6);
}

void test_no_pictures_anywhere_change_nothing() {
  const auto x = torch::empty({0, kChannels, 4, 5});

  const auto apart = pass_apart(x, x, {0, 0});

  for (const Outcome& rank : apart) {
    g_assert_true(torch::equal(rank.mean, torch::tensor({1.0f, 2.0f, 3.0f})));
    g_assert_true(torch::equal(rank.variance, torch::ones(kChannels)));
    g_assert_true(torch::equal(rank.dweight, torch::zeros(kChannels)));
    g_assert_true(rank.dx.sizes() == x.sizes());
  }
}

void test_a_single_value_is_refused_everywhere() {
  std::array<bool, 2> refused{};
  Meeting meeting(refused.size());

  meeting.hold([&](std::size_t rank) {
    auto norm = make_norm<BatchNorm2d>(torch::kFloat32);
    norm->share_statistics(
        [&](std::span<double> values) { meeting.sum(rank, values); });
    try {
      norm->forward(torch::ones({rank == 0, kChannels, 1, 1}));
    } catch (const c10::Error&) {
      refused[rank] = true;
    }
  });

  g_assert_true(refused[0] && refused[1]);
}

struct Quiet {
  const char* name;
  void (*prepare)(BatchNorm2d& norm);
};

const Quiet kQuiet[] = {
    {"never-shared", [](BatchNorm2d&) {}},
    {"no-longer-shared",
     [](BatchNorm2d& norm) {
       norm->share_statistics([](auto) { g_assert_not_reached(); });
       norm->share_statistics(nullptr);
     }},
    {"evaluating",
     [](BatchNorm2d& norm) {
       norm->share_statistics([](auto) { g_assert_not_reached(); });
       norm->eval();
     }},
};

void test_otherwise_it_is_torchs(gconstpointer data) {
  const auto& row = *static_cast<const Quiet*>(data);
  const auto x = numbers({3, kChannels, 4, 5}, torch::kFloat32);
  auto norm = make_norm<BatchNorm2d>(torch::kFloat32);
  row.prepare(norm);
  auto reference = make_norm<torch::nn::BatchNorm2d>(torch::kFloat32);
  reference->train(norm->is_training());

  const Outcome outcome = pass(norm, x, x.cos());

  const Outcome expected = pass(reference, x, x.cos());
  g_assert_true(torch::equal(outcome.y, expected.y));
  g_assert_true(torch::equal(outcome.dx, expected.dx));
  g_assert_true(torch::equal(outcome.dweight, expected.dweight));
  g_assert_true(torch::equal(outcome.mean, expected.mean));
  g_assert_true(torch::equal(outcome.variance, expected.variance));
  g_assert_true(torch::equal(outcome.batches, expected.batches));
}

void test_other_shapes_are_refused() {
  auto norm = make_norm<BatchNorm2d>(torch::kFloat32);
  norm->share_statistics([](auto) { g_assert_not_reached(); });

  bool refused = false;
  try {
    norm->forward(torch::ones({2, kChannels}));
  } catch (const c10::Error&) {
    refused = true;
  }

  g_assert_true(refused);
}

struct Family {
  const char* name;  // of a small member
};

const Family kFamilies[] = {
    {"airbench94"},         {"alexnet"},
    {"cifar_resnet20"},     {"convnext_tiny"},
    {"densenet121"},        {"efficientnet_b0"},
    {"efficientnet_v2_s"},  {"googlenet"},
    {"inception_v3"},       {"maxvit_t"},
    {"mnasnet0_5"},         {"mobilenet_v2"},
    {"mobilenet_v3_small"}, {"regnet_y_400mf"},
    {"resnet18"},           {"resnet50"},
    {"shufflenet_v2_x0_5"}, {"simple_cnn"},
    {"squeezenet1_0"},      {"swin_t"},
    {"swin_v2_t"},          {"vgg11_bn"},
    {"vit_b_32"},
};

std::size_t norms_in(const torch::nn::Module& model) {
  std::size_t norms = 0;
  for (const auto& buffer : model.named_buffers())
    norms += buffer.key().ends_with("running_mean");
  return norms;
}

// A process without pictures must say so as often as others say what theirs
// are like.
void test_every_norm_takes_part_without_pictures(gconstpointer data) {
  const auto all = torchclassify::nn::architectures();
  const auto facts = std::ranges::find(
      all, static_cast<const Family*>(data)->name, &Architecture::name);
  const auto model = torchclassify::nn::create_model(
      facts->name, {.classes = 2, .initialize = true});
  std::size_t calls = 0;
  share_statistics(*model, [&](std::span<double>) { ++calls; });
  const std::size_t norms = norms_in(*model);

  const auto output = model->forward_training(
      torch::empty({0, 3, facts->input_size, facts->input_size}));
  const std::size_t forward_calls = std::exchange(calls, 0);
  auto sum = output.logits.sum();
  for (const auto& head : output.auxiliary) sum = sum + head.logits.sum();
  sum.backward();

  g_assert_cmpuint(forward_calls, ==, norms);
  g_assert_cmpuint(calls, ==, norms);
  for (const auto& parameter : model->parameters()) {
    if (parameter.requires_grad())
      g_assert_cmpint(parameter.grad().count_nonzero().item<std::int64_t>(), ==,
                      0);
  }
}

}  // namespace

void add_batch_norm_tests() {
  support::add_rows("/batch-norm/batches-apart-are-one", kCases,
                    test_batches_apart_are_one);
  g_test_add_func("/batch-norm/gradients-equal-finite-differences",
                  test_gradients_equal_finite_differences);
  g_test_add_func("/batch-norm/without-a-momentum-statistics-are-means",
                  test_without_a_momentum_statistics_are_means);
  g_test_add_func("/batch-norm/no-pictures-anywhere-change-nothing",
                  test_no_pictures_anywhere_change_nothing);
  g_test_add_func("/batch-norm/a-single-value-is-refused-everywhere",
                  test_a_single_value_is_refused_everywhere);
  support::add_rows("/batch-norm/otherwise-it-is-torchs", kQuiet,
                    test_otherwise_it_is_torchs);
  g_test_add_func("/batch-norm/other-shapes-are-refused",
                  test_other_shapes_are_refused);
  support::add_rows("/batch-norm/every-norm-takes-part-without-pictures",
                    kFamilies, test_every_norm_takes_part_without_pictures);
}
