// SPDX-License-Identifier: LGPL-2.1-or-later
// Training a classifier: pictures in, a model bundle out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "torchclassify/model_info.h"
#include "torchclassify/train/augment.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/metrics.h"
#include "torchclassify/train/schedule.h"

namespace torchclassify {

enum class OptimiserKind { kSgd, kAdam };
enum class Monitor { kAccuracy, kMacroF1 };

struct TrainOptions {
  // The model.
  std::string architecture = "resnet18";
  std::filesystem::path weights;  // bundle to start from; empty: fresh
  Preprocessing preprocessing;    // of the finished model
  bool half_bundle = false;       // weights written as float16, not float32

  // The optimisation.
  int epochs = 90;
  int batch_size = 32;
  std::uint64_t seed = 0;
  OptimiserKind optimiser = OptimiserKind::kSgd;
  double momentum = 0.9;       // kSgd
  bool nesterov = false;       // kSgd
  double weight_decay = 1e-4;  // added to the gradient, both kinds
  double label_smoothing = 0;  // share of a label spread over all classes
  ScheduleKind schedule = ScheduleKind::kConstant;
  double learning_rate = 0.1;  // the schedule's peak
  double warmup_epochs = 0;
  int schedule_step_epochs = 30;  // ScheduleKind::kStep
  double schedule_factor = 0.1;   // ScheduleKind::kStep
  AugmentOptions augment;

  // The run.
  Monitor monitor = Monitor::kAccuracy;  // which epoch's bundle is the best
  int workers = 2;                       // threads that prepare batches
  int print_frequency = 0;       // steps between two calls of on_step; 0: none
  std::filesystem::path output;  // folder for the files; made if absent
};

struct EpochReport {
  int epoch = 0;             // from 1
  double train_loss = 0;     // mean over the epoch, as optimised
  double learning_rate = 0;  // of the last step
  bool validated = false;    // there is a validation set
  Metrics validation;        // all zero without
  bool best = false;         // so far, by the monitored measure
  double seconds = 0;
};

struct StepReport {
  int epoch = 0;          // from 1
  std::size_t step = 0;   // of the epoch, from 1
  std::size_t steps = 0;  // of the epoch
  double loss = 0;        // of this batch
};

struct TrainCallbacks {
  std::function<void(const EpochReport&)> on_epoch;
  std::function<void(const StepReport&)> on_step;
};

struct TrainResult {
  int best_epoch = 0;  // the last one when there is no validation set
  Metrics best;        // its validation metrics
};

// Trains on one set and measures on the other after every epoch. Writes into
// options.output: best.safetensors, last.safetensors, history.csv, metrics.json
// and report.html (the best epoch's) and status.json, each whole or not at all.
// validation may be null: then the last epoch is the best one. Same options,
// pictures and number of LibTorch threads: same result.
//
// Throws Error kInvalidArgument for options outside their range; kBadData for
// sets that cannot be trained on (one class, a class without pictures, other
// classes in validation), a weights file that does not fit, an unreadable
// picture, or a loss that is not finite; kCannotWrite.
TrainResult train(const Dataset& training, const Dataset* validation,
                  const TrainOptions& options, const TrainCallbacks& callbacks);

}  // namespace torchclassify
