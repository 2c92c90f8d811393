// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/lr_find.h"

#include <torch/torch.h>

#include <cmath>
#include <memory>
#include <utility>

#include "require.h"
#include "torchclassify/error.h"
#include "training/learner.h"
#include "training/lr_curve.h"
#include "training/sources.h"
#include "training/train_checks.h"

namespace torchclassify {
namespace {

// Each condition is false for NaN.
void check_range(const LearningRateRange& range) {
  require(range.start > 0, "a positive first learning rate", range.start);
  require(range.end > range.start && range.end <= 1e6,
          "a last learning rate above the first one and at most 1e6",
          range.end);
  require(range.steps >= 10 && range.steps <= 100'000, "10 to 100000 steps",
          range.steps);
}

double rate_of(const LearningRateRange& range, int step) {
  return range.start *
         std::pow(range.end / range.start, step / (range.steps - 1.0));
}

// A training as train() begins it, without anything that is kept.
class RangeTest {
 public:
  RangeTest(const Dataset& training, const TrainOptions& options);

  StepOutcome step(double rate);

 private:
  std::vector<TensorBatch> next_batches();

  SoloTeam team_;
  const std::size_t per_step_;  // batches
  Learner learner_;
  const std::unique_ptr<BatchSource> source_;
  std::uint64_t epoch_ = 0;
  std::size_t batch_ = 0;  // of this epoch, the next one
};

RangeTest::RangeTest(const Dataset& training, const TrainOptions& options)
    : per_step_(static_cast<std::size_t>(options.accumulation)),
      learner_(training, options, team_, /*notice=*/{}),
      source_(learner_.make_source(
          training, training_loader(options, team_.rank(), team_.size()))) {
  learner_.start_fresh(*source_);
  learner_.model.enter_epoch(1);
  batch_ = source_->batches();
}

StepOutcome RangeTest::step(double rate) {
  const std::vector<TensorBatch> batches = next_batches();
  try {
    return learner_.step.run(batches, rate);
  } catch (const Error& error) {
    // The loss or its gradients are not finite: that is a result here.
    if (error.code() != ErrorCode::kBadData)
      throw;
    return {.loss = INFINITY, .hits = 0, .pictures = 1};
  }
}

// As in train(), an epoch's last step may have fewer.
std::vector<TensorBatch> RangeTest::next_batches() {
  if (batch_ >= source_->batches()) {
    source_->start(++epoch_, /*first_batch=*/0);
    batch_ = 0;
  }
  std::vector<TensorBatch> batches;
  for (; batches.size() < per_step_ && batch_ < source_->batches(); ++batch_)
    batches.push_back(source_->next());
  return batches;
}

LearningRateCurve run(
    RangeTest& test, const LearningRateRange& range,
    const std::function<void(const LearningRatePoint&)>& on_step) {
  LearningRateRecorder recorder;
  for (int step = 0; step < range.steps; ++step) {
    const double rate = rate_of(range, step);
    const StepOutcome outcome = test.step(rate);
    if (outcome.pictures == 0)  // none of them could be read
      continue;
    const bool going_on = recorder.add(rate, outcome.loss / outcome.pictures);
    if (recorder.curve().points.empty())
      throw Error(ErrorCode::kBadData,
                  "expected a finite loss, got NaN or Inf at the first step");
    if (on_step)
      on_step(recorder.curve().points.back());
    if (!going_on)
      break;
  }
  return recorder.finish();
}

}  // namespace

LearningRateCurve find_learning_rate(
    const Dataset& training, const TrainOptions& options,
    const LearningRateRange& range,
    const std::function<void(const LearningRatePoint&)>& on_step) {
  check_range(range);
  check_train_options(options);
  check_train_sets(training, nullptr);
  try {
    RangeTest test(training, options);
    return run(test, range, on_step);
  } catch (const c10::Error& error) {
    throw Error(ErrorCode::kInternal, std::string("LibTorch failed: ") +
                                          error.what_without_backtrace());
  }
}

}  // namespace torchclassify
