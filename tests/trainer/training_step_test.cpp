// SPDX-License-Identifier: LGPL-2.1-or-later
// One optimiser step: batches in parts, memory that runs out, numbers that do.
#include "training/training_step.h"

#include <glib.h>

#include <limits>
#include <new>
#include <string>

#include <torch/torch.h>

#include "halves.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
using support::expect_error;
using namespace torchclassify;

constexpr std::int64_t kFeatures = 5, kClasses = 3;

TensorBatch batch_of(std::int64_t size, std::int64_t first = 0) {
  TensorBatch batch;
  batch.size = static_cast<std::size_t>(size);
  batch.inputs =
      torch::sin(torch::arange(first * kFeatures, (first + size) * kFeatures,
                               torch::kFloat32))
          .reshape({size, kFeatures});
  for (std::int64_t i = first; i < first + size; ++i)
    batch.labels.push_back(i % kClasses);
  batch.target.labels = torch::tensor(batch.labels, torch::kInt64);
  batch.indices.resize(batch.size);
  return batch;
}

// A layer, and all that steps it.
struct Bench {
  explicit Bench(const TrainOptions& train_options = {},
                 std::vector<double> weights = {})
      : options(train_options),
        loss(options.loss, weights, torch::kCPU),
        scaler(options.amp) {}

  nn::TrainingLogits forward(const torch::Tensor& inputs) {
    if (before)
      before(inputs);
    largest_pass = std::max(largest_pass, inputs.size(0));
    return {.logits = torch::mm(inputs, weight), .auxiliary = {}};
  }
  StepOutcome run(const std::vector<TensorBatch>& batches) {
    largest_pass = 0;
    return step.run(batches, /*rate=*/0.1);
  }

  const TrainOptions options;
  torch::Tensor weight =
      torch::cos(torch::arange(kFeatures * kClasses, torch::kFloat32))
          .reshape({kFeatures, kClasses})
          .set_requires_grad(true);
  Optimiser optimiser{{{.names = {"weight"}, .parameters = {weight}}},
                      options.optimiser};
  Loss loss;
  GradScaler scaler;
  SoloTeam team;
  std::function<void(const torch::Tensor&)> before;
  std::int64_t largest_pass = 0;
  std::vector<std::string> notices;
  TrainingStep step{
      [this](const torch::Tensor& x) { return forward(x); },
      {weight},
      optimiser,
      loss,
      scaler,
      team,
      options,
      [this](const std::string& text) { notices.push_back(text); }};
};

void expect_same_weights(const Bench& a, const Bench& b) {
  g_assert_true(torch::allclose(a.weight, b.weight, 0, 1e-6));
}

// Weighted, so that parts count unequally.
void test_parts_of_a_batch_add_up() {
  const std::vector<double> weights = {1, 5, 0.1};
  Bench whole({}, weights), parts({}, weights);

  const StepOutcome one = whole.run({batch_of(12)});
  const StepOutcome three =
      parts.run({batch_of(5), batch_of(3, 5), batch_of(4, 8)});

  expect_same_weights(whole, parts);
  g_assert_cmpfloat_with_epsilon(one.loss, three.loss, 1e-4);
  g_assert_cmpfloat(one.hits, ==, three.hits);
  g_assert_cmpfloat(three.pictures, ==, 12);
}

void test_batches_without_pictures_change_nothing() {
  Bench bench;
  const auto before = bench.weight.detach().clone();

  const StepOutcome outcome = bench.run({TensorBatch{}, TensorBatch{}});

  g_assert_cmpfloat(outcome.pictures, ==, 0);
  g_assert_true(torch::equal(bench.weight, before));
}

void test_a_batch_without_pictures_beside_others_is_no_matter() {
  Bench alone, beside;

  alone.run({batch_of(4)});
  beside.run({batch_of(4), TensorBatch{}});

  expect_same_weights(alone, beside);
}

struct Shortage {
  const char* name;
  void (*fail)();
};

const Shortage kShortages[] = {
    {"of-the-standard-library", [] { throw std::bad_alloc(); }},
    // What no machine has, asked of LibTorch's own allocator.
    {"of-libtorch", [] { torch::empty({std::int64_t{1} << 50}); }},
};

void test_half_the_batch_is_tried_without_memory(gconstpointer data) {
#ifdef __SANITIZE_ADDRESS__
  g_test_skip("the sanitizer ends a process that asks for too much memory");
  return;
#endif
  const auto& shortage = *static_cast<const Shortage*>(data);
  Bench enough, scarce;
  scarce.before = [&](const torch::Tensor& inputs) {
    if (inputs.size(0) > 3)
      shortage.fail();
  };

  enough.run({batch_of(12)});
  scarce.run({batch_of(12)});

  expect_same_weights(enough, scarce);
  g_assert_cmpint(scarce.largest_pass, ==, 3);
  g_assert_cmpuint(scarce.notices.size(), ==, 2);
  g_assert_true(scarce.notices[1].find("3 pictures") != std::string::npos);
  scarce.run({batch_of(12)});  // has learnt
  g_assert_cmpuint(scarce.notices.size(), ==, 2);
  g_assert_cmpint(scarce.step.largest_pass(), ==, 3);
}

void test_what_was_learnt_of_memory_can_be_restored() {
  Bench bench;

  bench.step.restore(3);
  bench.run({batch_of(12)});

  g_assert_cmpint(bench.largest_pass, ==, 3);
  g_assert_true(bench.notices.empty());
}

void test_no_memory_for_one_picture_is_an_error() {
  Bench bench;
  bench.before = [](const torch::Tensor&) { throw std::bad_alloc(); };

  expect_error(
      ErrorCode::kOutOfMemory, [&] { bench.run({batch_of(4)}); },
      "single picture");
}

void test_other_failures_are_not_taken_for_it() {
  Bench bench;
  bench.before = [](const torch::Tensor&) {
    throw Error(ErrorCode::kUnsupported, "it is something else");
  };

  expect_error(
      ErrorCode::kUnsupported, [&] { bench.run({batch_of(4)}); },
      "something else");
  g_assert_true(bench.notices.empty());
}

void test_a_loss_that_is_no_number_is_an_error() {
  Bench bench;
  const auto before = bench.weight.detach().clone();
  TensorBatch batch = batch_of(4);
  batch.inputs[2][1] = std::numeric_limits<float>::quiet_NaN();

  expect_error(
      ErrorCode::kBadData, [&] { bench.run({batch}); }, "finite loss");
  g_assert_true(torch::equal(bench.weight, before));
}

// As torch.amp does: the step is not taken, and the scale is halved.
void test_float16_skips_a_step_that_overflows() {
  Bench bench({.amp = AmpType::kFp16});
  const auto before = bench.weight.detach().clone();
  TensorBatch batch = batch_of(4);
  batch.inputs[0][0] = std::numeric_limits<float>::infinity();

  const StepOutcome outcome = bench.run({batch});

  g_assert_true(torch::equal(bench.weight, before));
  g_assert_cmpfloat(bench.scaler.scale(), ==, 32768);
  g_assert_cmpfloat(outcome.loss, ==, 0);  // not counted
  g_assert_cmpfloat(outcome.pictures, ==, 0);
}

void test_float16_that_never_fits_is_an_error() {
  Bench bench({.amp = AmpType::kFp16});
  TensorBatch batch = batch_of(4);
  batch.inputs[0][0] = std::numeric_limits<float>::infinity();

  expect_error(
      ErrorCode::kBadData,
      [&] {
        for (int i = 0; i < 30; ++i) bench.run({batch});
      },
      "finite gradients");
}

const AmpType kAmpTypes[] = {AmpType::kBf16, AmpType::kFp16};

void test_lower_precision_steps_nearly_alike(gconstpointer data) {
  Bench full, low({.amp = *static_cast<const AmpType*>(data)});

  full.run({batch_of(12)});
  low.run({batch_of(12)});

  g_assert_true(torch::allclose(full.weight, low.weight, 0, 1e-2));
  g_assert_false(torch::equal(full.weight, low.weight));
}

void test_gradients_are_clipped() {
  TrainOptions options;
  options.optimiser.clip_norm = 1e-3;
  Bench bench(options);
  const auto before = bench.weight.detach().clone();

  bench.run({batch_of(12)});

  const double moved = (bench.weight - before).norm().item<double>();
  g_assert_cmpfloat_with_epsilon(moved, 0.1 * 1e-3, 1e-6);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  torch::set_num_threads(1);
  g_test_add_func("/training-step/parts-of-a-batch-add-up",
                  test_parts_of_a_batch_add_up);
  g_test_add_func("/training-step/batches-without-pictures-change-nothing",
                  test_batches_without_pictures_change_nothing);
  g_test_add_func("/training-step/a-batch-without-pictures-is-no-matter",
                  test_a_batch_without_pictures_beside_others_is_no_matter);
  support::add_rows("/training-step/half-the-batch-is-tried-without-memory",
                    kShortages, test_half_the_batch_is_tried_without_memory);
  g_test_add_func("/training-step/what-was-learnt-of-memory-can-be-restored",
                  test_what_was_learnt_of_memory_can_be_restored);
  g_test_add_func("/training-step/no-memory-for-one-picture-is-an-error",
                  test_no_memory_for_one_picture_is_an_error);
  g_test_add_func("/training-step/other-failures-are-not-taken-for-it",
                  test_other_failures_are_not_taken_for_it);
  g_test_add_func("/training-step/a-loss-that-is-no-number-is-an-error",
                  test_a_loss_that_is_no_number_is_an_error);
  g_test_add_func("/training-step/float16-skips-a-step-that-overflows",
                  test_float16_skips_a_step_that_overflows);
  g_test_add_func("/training-step/float16-that-never-fits-is-an-error",
                  test_float16_that_never_fits_is_an_error);
  for (const AmpType& type : kAmpTypes)
    g_test_add_data_func(
        type == AmpType::kBf16
            ? "/training-step/lower-precision-steps-nearly-alike/bf16"
            : "/training-step/lower-precision-steps-nearly-alike/fp16",
        &type, test_lower_precision_steps_nearly_alike);
  g_test_add_func("/training-step/gradients-are-clipped",
                  test_gradients_are_clipped);
  return g_test_run();
}
