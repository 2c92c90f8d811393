// SPDX-License-Identifier: LGPL-2.1-or-later
// One run: the state that its epochs share, from the first step or from a
// checkpoint on.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "torchclassify/train/train.h"
#include "training/batch_source.h"
#include "training/checkpoint.h"
#include "training/learner.h"
#include "training/run_state.h"
#include "training/team.h"
#include "training/weight_average.h"

namespace torchclassify {

class Training {
 public:
  // All references outlive this. Goes on from options.resume, if given: throws
  // Error kBadData for a checkpoint of another run.
  Training(const Dataset& training, const Dataset* validation,
           const TrainOptions& options, const TrainCallbacks& callbacks,
           Team& team);

  // All epochs are done, or patience has run out.
  bool finished() const;
  // To the end of the epoch, with validation; writes best.safetensors if it is
  // the best. Nothing: should_stop() said so.
  std::optional<EpochReport> run_epoch();
  void save_checkpoint();

  const RunState& state() const { return state_; }

 private:
  using Clock = std::chrono::steady_clock;

  void start_fresh();
  void resume();
  void make_average();
  void make_sources();

  std::size_t steps_per_epoch() const;
  double rate() const;
  void train_step();
  void update_average();
  std::vector<TensorBatch> next_batches();
  bool checkpoint_is_due() const;
  void report_step(double loss) const;
  void note_skipped();
  void gather_skipped();
  bool add_skipped(const SkippedPicture& picture);

  EpochReport end_epoch();
  double validate(EpochRecord& record);
  void save_best(const EpochRecord& record) const;
  // What is validated and kept.
  nn::ImageClassifierImpl& kept_module() const;

  const Dataset& training_;
  const Dataset* const validation_;
  const TrainOptions& options_;
  const TrainCallbacks& callbacks_;
  Team& team_;

  const std::string identity_;  // run_identity()
  Learner learner_;
  PlateauCounter plateau_;
  std::unique_ptr<BatchSource> source_;
  std::unique_ptr<BatchSource> validation_source_;  // null: no validation
  std::shared_ptr<nn::ImageClassifierImpl> average_module_;  // null: no average
  std::optional<WeightAverage> average_;
  ScheduleOptions schedule_;
  RunState state_;
  std::size_t seen_skips_ = 0;  // of both sources, by this process
  Clock::time_point epoch_start_;
  // Of this epoch, done by an earlier process.
  double pictures_before_ = 0;
  std::size_t first_step_ = 0;
};

}  // namespace torchclassify
