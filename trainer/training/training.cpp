// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/training.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/save.h"
#include "torchclassify/error.h"
#include "training/judge.h"
#include "training/random_state.h"
#include "training/run_identity.h"
#include "training/skipped.h"
#include "training/sources.h"
#include "training/train_weights.h"
#include "training/validation.h"

namespace torchclassify {
namespace {

// From epochs to the schedule's ticks.
ScheduleOptions in_ticks(const TrainOptions& options, std::size_t steps) {
  const double per_epoch =
      options.schedule_by_epoch ? 1 : static_cast<double>(steps);
  const auto ticks = [&](double epochs) -> std::int64_t {
    return std::llround(epochs * per_epoch);
  };
  ScheduleOptions schedule = options.schedule;
  schedule.warmup_ticks = ticks(options.warmup_epochs);
  schedule.total_ticks = ticks(options.epochs);
  schedule.step_size = ticks(static_cast<double>(schedule.step_size));
  for (std::int64_t& milestone : schedule.milestones)
    milestone = ticks(static_cast<double>(milestone));
  if (schedule.kind == ScheduleKind::kExponential)
    schedule.gamma = std::pow(schedule.gamma, 1 / per_epoch);
  return schedule;
}

double average_decay(const TrainOptions& options, const Team& team) {
  return decay_per_update(
      options.average.decay,
      options.batch_size * options.accumulation * team.size(),
      options.average.steps, options.epochs);
}

}  // namespace

Training::Training(const Dataset& training, const Dataset* validation,
                   const TrainOptions& options, const TrainCallbacks& callbacks,
                   Team& team)
    : training_(training),
      validation_(validation),
      options_(options),
      callbacks_(callbacks),
      team_(team),
      identity_(run_identity(training, options, team.size())),
      learner_(training, options, team, callbacks.on_notice),
      plateau_(options.schedule.plateau_patience) {
  if (!options.resume.empty())
    resume();
  make_sources();
  schedule_ = in_ticks(options_, steps_per_epoch());
  if (options.resume.empty())
    start_fresh();
}

void Training::make_average() {
  average_module_ = copy_of(learner_.model.module(), learner_.info);
  average_.emplace(learner_.model.module(), *average_module_,
                   average_decay(options_, team_));
}

void Training::make_sources() {
  source_ = learner_.make_source(
      training_, training_loader(options_, team_.rank(), team_.size()));
  if (validation_)
    validation_source_ = learner_.make_source(
        *validation_, evaluation_loader(options_, team_.rank(), team_.size()));
}

void Training::start_fresh() {
  learner_.start_fresh(*source_);
  team_.broadcast(learner_.model.module().parameters());
  if (options_.average.enabled)
    make_average();
  save_checkpoint();
}

void Training::resume() {
  Checkpoint checkpoint = read_checkpoint(options_.resume);
  const std::string path = options_.resume.string();
  if (checkpoint.fingerprint != identity_)
    throw Error(ErrorCode::kBadData, "expected a checkpoint of this run (" +
                                         identity_ + "), got one of another (" +
                                         checkpoint.fingerprint + "): " + path);
  load_state_dict(learner_.model.module(), std::move(checkpoint.model), path);
  make_channels_last(learner_.model.module());
  if (options_.average.enabled) {
    make_average();
    load_state_dict(*average_module_, std::move(checkpoint.average), path);
    average_->restore(checkpoint.state.average_updates);
  }
  learner_.optimiser.load_state(checkpoint.optimiser);
  set_random_state(checkpoint.random);
  state_ = std::move(checkpoint.state);
  if (!team_.leads())  // one of all processes has their sums
    state_.loss_sum = state_.hits = state_.pictures = 0;
  plateau_.restore(state_.plateau);
  learner_.scaler.restore({state_.loss_scale, state_.good_steps});
  learner_.step.restore(state_.largest_pass);
}

void Training::save_checkpoint() {
  gather_skipped();
  std::array<double, 3> sums = {state_.loss_sum, state_.hits, state_.pictures};
  team_.sum(sums);
  if (!team_.leads())
    return;
  state_.plateau = plateau_.state();
  state_.loss_scale = learner_.scaler.state().scale;
  state_.good_steps = learner_.scaler.state().good_steps;
  state_.average_updates = average_ ? average_->updates() : 0;
  state_.largest_pass = learner_.step.largest_pass();
  Checkpoint checkpoint;
  checkpoint.model = state_dict(learner_.model.module());
  if (average_module_)
    checkpoint.average = state_dict(*average_module_);
  checkpoint.optimiser = learner_.optimiser.state();
  checkpoint.random = random_state();
  checkpoint.state = state_;
  checkpoint.state.loss_sum = sums[0];
  checkpoint.state.hits = sums[1];
  checkpoint.state.pictures = sums[2];
  checkpoint.configuration = options_.configuration;
  checkpoint.fingerprint = identity_;
  write_checkpoint(options_.output / "last.ckpt", checkpoint);
}

bool Training::finished() const {
  return state_.epoch > options_.epochs ||
         out_of_patience(state_, options_.patience);
}

std::size_t Training::steps_per_epoch() const {
  const auto batches = static_cast<std::size_t>(options_.accumulation);
  return (source_->batches() + batches - 1) / batches;
}

double Training::rate() const {
  const std::int64_t tick =
      options_.schedule_by_epoch ? state_.epoch - 1 : state_.all_steps;
  return learning_rate(schedule_, tick, plateau_.state().reductions);
}

std::optional<EpochReport> Training::run_epoch() {
  epoch_start_ = Clock::now();
  pictures_before_ = state_.pictures;
  first_step_ = state_.step;
  learner_.model.enter_epoch(state_.epoch);
  // The last step may take fewer batches than the others.
  source_->start(
      static_cast<std::uint64_t>(state_.epoch),
      std::min(state_.step * static_cast<std::size_t>(options_.accumulation),
               source_->batches()));
  while (state_.step < steps_per_epoch()) {
    train_step();
    const bool stop = callbacks_.should_stop && callbacks_.should_stop();
    if (team_.any(stop))
      return {};
    if (checkpoint_is_due())
      save_checkpoint();
  }
  return end_epoch();
}

void Training::train_step() {
  state_.learning_rate = rate();
  StepOutcome outcome;
  try {
    outcome = learner_.step.run(next_batches(), state_.learning_rate);
  } catch (const Error& error) {
    throw Error(error.code(), "epoch " + std::to_string(state_.epoch) +
                                  " step " + std::to_string(state_.step + 1) +
                                  ": " + error.what());
  }
  state_.loss_sum += outcome.loss;
  state_.hits += outcome.hits;
  state_.pictures += outcome.pictures;
  ++state_.step;
  update_average();
  ++state_.all_steps;
  note_skipped();
  if (outcome.pictures > 0)
    report_step(outcome.loss / outcome.pictures);
}

// As torchvision's: what was averaged during the warm-up is forgotten.
void Training::update_average() {
  if (!average_ || state_.all_steps % options_.average.steps != 0)
    return;
  average_->update();
  if (state_.epoch <= options_.warmup_epochs)
    average_->restart();
}

std::vector<TensorBatch> Training::next_batches() {
  std::vector<TensorBatch> batches;
  const auto per_step = static_cast<std::size_t>(options_.accumulation);
  const std::size_t first = state_.step * per_step;
  for (std::size_t i = first;
       i < std::min(first + per_step, source_->batches()); ++i)
    batches.push_back(source_->next());
  return batches;
}

bool Training::checkpoint_is_due() const {
  return options_.checkpoint_steps > 0 && state_.step < steps_per_epoch() &&
         state_.all_steps % options_.checkpoint_steps == 0;
}

void Training::report_step(double loss) const {
  const auto frequency = static_cast<std::size_t>(options_.print_frequency);
  if (!callbacks_.on_step || frequency == 0 || state_.step % frequency != 0)
    return;
  const std::chrono::duration<double> seconds = Clock::now() - epoch_start_;
  const double per_step =
      seconds.count() / static_cast<double>(state_.step - first_step_);
  callbacks_.on_step(
      {.epoch = state_.epoch,
       .step = state_.step,
       .steps = steps_per_epoch(),
       .loss = loss,
       .learning_rate = state_.learning_rate,
       .images_per_second = team_.size() *
                            (state_.pictures - pictures_before_) /
                            seconds.count(),
       .seconds_left =
           per_step * static_cast<double>(steps_per_epoch() - state_.step)});
}

void Training::note_skipped() {
  std::size_t count = source_->statistics().skipped;
  if (validation_source_)
    count += validation_source_->statistics().skipped;
  if (count == seen_skips_)
    return;
  seen_skips_ = count;
  std::vector<SkippedPicture> skipped = source_->skipped();
  if (validation_source_) {
    const auto more = validation_source_->skipped();
    skipped.insert(skipped.end(), more.begin(), more.end());
  }
  for (const SkippedPicture& picture : skipped) {
    if (add_skipped(picture) && callbacks_.on_skipped)
      callbacks_.on_skipped(picture);
  }
}

// Whether it is a new one.
bool Training::add_skipped(const SkippedPicture& picture) {
  if (std::ranges::find(state_.skipped, picture.name, &SkippedPicture::name) !=
      state_.skipped.end())
    return false;
  state_.skipped.push_back(picture);
  return true;
}

// From here on, rank 0 knows what the others have skipped.
void Training::gather_skipped() {
  if (team_.size() == 1)
    return;
  for (const SkippedPicture& picture : skipped_of_all(team_, state_.skipped))
    add_skipped(picture);
}

EpochReport Training::end_epoch() {
  EpochReport report;
  const std::chrono::duration<double> training = Clock::now() - epoch_start_;
  const LoaderStatistics statistics = source_->statistics();
  report.images_per_second =
      team_.size() * (state_.pictures - pictures_before_) / training.count();
  report.wait_share = statistics.wait_seconds / training.count();
  report.cached = statistics.cached;

  std::array<double, 3> sums = {state_.loss_sum, state_.hits, state_.pictures};
  team_.sum(sums);
  team_.broadcast(learner_.model.module().buffers());
  if (average_module_)
    team_.broadcast(average_module_->buffers());
  EpochRecord& record = report.record;
  record.epoch = state_.epoch;
  record.train_loss = sums[2] > 0 ? sums[0] / sums[2] : 0;
  record.train_accuracy = sums[2] > 0 ? sums[1] / sums[2] : 0;
  record.learning_rate = state_.learning_rate;
  const double measure = validation_ ? validate(record) : 0;
  note_skipped();
  gather_skipped();
  judge(record, measure, options_.min_delta, state_);
  plateau_.add(record.validated ? measure : -record.train_loss);
  if (record.best && team_.leads())
    save_best(record);
  state_.history.push_back(record);
  ++state_.epoch;
  state_.step = 0;
  state_.loss_sum = state_.hits = state_.pictures = 0;
  const std::chrono::duration<double> all = Clock::now() - epoch_start_;
  report.seconds = all.count();
  return report;
}

// Returns the measure that all processes judge by.
double Training::validate(EpochRecord& record) {
  nn::ImageClassifierImpl& module = kept_module();
  module.eval();
  const Answers answers = answer_all(
      *validation_source_, *validation_,
      [&](const torch::Tensor& inputs) {
        return learner_.logits(module, inputs);
      },
      team_);
  double measure = 0;
  if (team_.leads()) {
    const Metrics metrics = validation_->multi_label()
                                ? measure_multi_label(answers, {})
                                : torchclassify::measure(answers);
    record.valid_loss = metrics.loss;
    record.valid_accuracy = metrics.accuracy;
    record.valid_top5_accuracy = metrics.top5_accuracy;
    record.valid_balanced_accuracy = metrics.balanced_accuracy;
    record.valid_macro = metrics.macro;
    record.valid_ece = metrics.ece;
    measure = measure_of(metrics, options_.monitor);
  }
  record.validated = true;
  team_.sum({&measure, 1});
  return measure;
}

void Training::save_best(const EpochRecord& record) const {
  ModelInfo info = learner_.info;
  info.provenance["epoch"] = std::to_string(record.epoch);
  if (record.validated)
    info.metrics = {{"accuracy", record.valid_accuracy},
                    {"macro_f1", record.valid_macro.f1},
                    {"loss", record.valid_loss}};
  save_bundle(options_.output / "best.safetensors", info, kept_module(),
              options_.half_bundle ? torch::kHalf : torch::kFloat32);
}

nn::ImageClassifierImpl& Training::kept_module() const {
  return average_module_ ? *average_module_ : learner_.model.module();
}

}  // namespace torchclassify
