// SPDX-License-Identifier: LGPL-2.1-or-later
// Training a classifier: pictures in, a model bundle and a report out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"
#include "torchclassify/train/augment.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/distributed.h"
#include "torchclassify/train/history.h"
#include "torchclassify/train/loader.h"
#include "torchclassify/train/metrics.h"
#include "torchclassify/train/schedule.h"

namespace torchclassify {

enum class OptimiserKind { kSgd, kRmsProp, kAdam, kAdamW };

// Defaults are PyTorch's but for the decay, which is torchvision's.
struct OptimiserOptions {
  OptimiserKind kind = OptimiserKind::kSgd;
  double momentum = 0.9;              // kSgd, kRmsProp
  bool nesterov = false;              // kSgd
  double beta1 = 0.9, beta2 = 0.999;  // kAdam, kAdamW
  double alpha = 0.99;                // kRmsProp
  double epsilon = 1e-8;              // kRmsProp, kAdam, kAdamW
  // Added to the gradient, but for kAdamW, which shrinks the weights directly.
  double weight_decay = 1e-4;
  std::optional<double> norm_weight_decay;  // of normalisation layers
  std::optional<double> bias_weight_decay;  // of biases
  double bias_rate = 1;  // biases of normalisation layers learn so much faster;
                         // their decay is divided by it
  // Each layer group learns by this factor slower than the next one towards the
  // head, which learns at the full rate.
  double layer_decay = 1;
  double clip_norm = 0;  // largest norm of all gradients together; 0: no limit
};

enum class LossKind { kCrossEntropy, kFocal };

// How much a picture counts, by its class: all alike; by the inverse of its
// class's number ("balanced", as scikit-learn); by the inverse of the effective
// number of samples (Cui et al. 2019, beta 0.9999); as given.
enum class ClassWeights { kNone, kBalanced, kEffective, kGiven };

struct LossOptions {
  LossKind kind = LossKind::kCrossEntropy;
  double focal_gamma = 2;
  double label_smoothing = 0;  // share of a label spread over all classes
  ClassWeights class_weights = ClassWeights::kNone;
  std::vector<double> weights;  // kGiven: one per class, > 0
};

// A moving average of the weights, which is what is validated and kept
// (torchvision's ExponentialMovingAverage).
struct AverageOptions {
  bool enabled = false;
  double decay = 0.99998;  // for 1 picture a step and 1 epoch, as torchvision
  int steps = 32;          // optimiser steps between two updates
};

enum class AmpType { kNone, kBf16, kFp16 };  // of what autocast casts

// Which weights do not learn.
struct FreezeOptions {
  bool all_but_head = false;
  int groups = 0;                     // layer groups from the input on
  bool norms = false;                 // batch norms keep their statistics, too
  std::vector<std::string> prefixes;  // of parameter names
  // Epochs after which one more frozen group, from the head on, learns again;
  // 0: never.
  int unfreeze_epochs = 0;
};

// What an epoch is judged by, on the validation set; more is better (loss:
// less)
enum class Monitor {
  kAccuracy,
  kBalancedAccuracy,
  kMacroF1,
  kMeanAveragePrecision,
  kLoss,
};

struct TrainOptions {
  // The model.
  std::string architecture = "resnet18";
  std::filesystem::path weights;  // to start from; empty: fresh
  Preprocessing preprocessing;    // of the finished model
  int train_crop = 0;  // pixels, square: crops while training; 0: the model's
  std::optional<double> dropout;           // nothing: the architecture's
  std::optional<double> stochastic_depth;  // nothing: the architecture's
  FreezeOptions freeze;
  bool half_bundle = false;  // weights written as float16, not float32
  bool calibrate = false;    // fit the temperature on the validation set

  // The optimisation.
  int epochs = 90;
  int batch_size = 32;
  int accumulation = 1;  // batches per optimiser step
  std::uint64_t seed = 0;
  OptimiserOptions optimiser;
  // Ticks are epochs here, warm-up included, whatever schedule_by_epoch says.
  ScheduleOptions schedule;
  double warmup_epochs = 0;
  bool schedule_by_epoch = false;  // the rate is constant within an epoch
  LossOptions loss;
  AverageOptions average;
  AmpType amp = AmpType::kNone;

  // The pictures.
  AugmentOptions augment;
  Sampling sampling = Sampling::kShuffle;
  int repeats = 1;
  double mixup_alpha = 0;
  double cutmix_alpha = 0;
  OnCorrupt on_corrupt = OnCorrupt::kFail;
  int workers = 2;  // threads that prepare batches
  std::size_t cache_bytes = std::size_t{2} << 30;

  // The run.
  Monitor monitor = Monitor::kAccuracy;
  int patience = 0;      // epochs without progress before it ends; 0: no limit
  double min_delta = 0;  // progress is more than this
  int checkpoint_steps = 0;  // optimiser steps between two checkpoints beside
                             // those at every epoch's end; 0: only these
  int keep_last = 0;         // earlier epochs' checkpoints that are kept, too
  int print_frequency = 0;   // steps between two calls of on_step; 0: none
  std::filesystem::path output;  // folder for the files; made if absent
  std::filesystem::path resume;  // checkpoint to go on from; empty: none
  std::string configuration;     // kept in the checkpoint, for the caller
  // This process among those that train together; nothing: it is alone.
  std::optional<ProcessOptions> processes;
  // The statistics of batch norms are those of all processes' batches together,
  // at the price of two more messages for each norm and batch.
  bool sync_norms = false;
};

struct StepReport {
  int epoch = 0;          // from 1
  std::size_t step = 0;   // of the epoch, from 1
  std::size_t steps = 0;  // of the epoch
  double loss = 0;        // of this batch
  double learning_rate = 0;
  double images_per_second = 0;  // of this epoch so far
  double seconds_left = 0;       // of this epoch's training, at that speed
};

struct EpochReport {
  EpochRecord record;
  double seconds = 0;
  double images_per_second = 0;  // training, without validation
  double wait_share = 0;         // of training time, spent waiting for data
  bool cached = false;           // the training pictures are kept in memory
};

// All may be empty. Of several processes, only rank 0 calls them, but for
// on_skipped, of its own share, and should_stop.
struct TrainCallbacks {
  std::function<void(const EpochReport&)> on_epoch;
  std::function<void(const StepReport&)> on_step;
  std::function<void(const SkippedPicture&)> on_skipped;  // each once
  // What else is worth a line: a smaller batch after running out of memory.
  std::function<void(const std::string&)> on_notice;
  // Asked after every step: true ends the run with a checkpoint.
  std::function<bool()> should_stop;
};

struct TrainResult {
  int best_epoch = 0;          // the last one when there is no validation set
  Metrics best;                // its validation metrics
  int epochs = 0;              // done
  bool stopped = false;        // by should_stop: resumable
  bool stopped_early = false;  // by patience
  History history;
  // Of the whole run, also before it was resumed; rank 0 has all processes'.
  std::vector<SkippedPicture> skipped;
};

// Trains on one set and measures on the other after every epoch. validation may
// be null: then the last epoch is the best one. Same options, pictures and
// number of LibTorch threads: same result, also when the run was stopped
// anywhere and resumed. Writes into options.output, each file whole or not at
// all:
//   last.ckpt          everything that going on needs, at every epoch's end,
//                      every checkpoint_steps and when stopped
//   epoch-N.ckpt       the same at the end of the last epochs (keep_last)
//   best.safetensors   the best epoch's bundle
//   history.csv        an epoch a line
//   status.json        state, epoch, times
//   metrics.json, report.html, predictions.csv
//                      the best epoch's on the validation set, at the end
//   skipped.csv        pictures that could not be read, if there were any
//   events.out.*       the history for TensorBoard
// Several processes share every step's pictures: batch_size is each one's, and
// the result is that of one process with all of it, but for batch norms, whose
// statistics are each batch's own without sync_norms. All have the same options
// and pictures; rank 0 alone writes files and learns what the best epoch's
// metrics are.
//
// Throws Error kInvalidArgument for options outside their range; kBadData for
// sets that cannot be trained on (one class, a class without pictures, other
// classes in validation), a weights file or checkpoint that does not fit, an
// unreadable picture, or a loss that is not finite; kCannotWrite; kUnreachable
// when another process does not come or has ended, kUnsupported where this
// build has no way to reach any.
TrainResult train(const Dataset& training, const Dataset* validation,
                  const TrainOptions& options, const TrainCallbacks& callbacks);

// LibTorch's threads, which compute; workers are others. OMP_NUM_THREADS in the
// environment sets them: torchrun gives 1 where nothing does.
int compute_threads();

// TrainOptions::configuration of a checkpoint. Throws Error kNotFound,
// kCannotRead or kBadData.
std::string checkpoint_configuration(const std::filesystem::path& checkpoint);

}  // namespace torchclassify
