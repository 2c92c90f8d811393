// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/train_checks.h"

#include <nlohmann/json.hpp>

#include "augment/augmenter.h"
#include "reporting/text_fields.h"
#include "require.h"
#include "torchclassify/error.h"
#include "training/class_weights.h"

namespace torchclassify {
namespace {

// The bundle's description is JSON.
void check_names(const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    const std::string text = json_string(name);
    if (nlohmann::json::parse(text) != name)
      throw Error(ErrorCode::kBadData,
                  "expected class names in UTF-8, got " + text);
  }
}

void check_optimiser(const OptimiserOptions& options) {
  require(options.momentum >= 0 && options.momentum < 1,
          "a momentum from 0 to below 1", options.momentum);
  require(!options.nesterov || options.momentum > 0,
          "a momentum above 0 with nesterov", options.momentum);
  require(options.beta1 >= 0 && options.beta1 < 1, "a beta1 from 0 to below 1",
          options.beta1);
  require(options.beta2 >= 0 && options.beta2 < 1, "a beta2 from 0 to below 1",
          options.beta2);
  require(options.alpha >= 0 && options.alpha < 1, "an alpha from 0 to below 1",
          options.alpha);
  require(options.epsilon > 0, "a positive epsilon", options.epsilon);
  for (const double decay :
       {options.weight_decay, options.norm_weight_decay.value_or(0),
        options.bias_weight_decay.value_or(0)})
    require(decay >= 0 && decay < 1e6, "a weight decay of at least 0", decay);
  require(options.bias_rate > 0 && options.bias_rate < 1e6,
          "a positive rate of biases", options.bias_rate);
  require(options.layer_decay > 0 && options.layer_decay <= 1,
          "a layer decay above 0 and at most 1", options.layer_decay);
  require(options.clip_norm >= 0, "a gradient norm of at least 0",
          options.clip_norm);
}

void check_schedule(const ScheduleOptions& options) {
  require(options.peak > 0 && options.peak < 1e6, "a positive learning rate",
          options.peak);
  require(options.floor >= 0 && options.floor <= options.peak,
          "a lowest learning rate from 0 to the highest", options.floor);
  require(options.step_size >= 1, "a schedule step of at least 1 epoch",
          static_cast<double>(options.step_size));
  require(options.gamma > 0 && options.gamma <= 1,
          "a schedule factor above 0 and at most 1", options.gamma);
  require(options.power > 0, "a positive power", options.power);
  require(options.one_cycle_start > 0 && options.one_cycle_start <= 1,
          "a first share of the one-cycle schedule above 0 and at most 1",
          options.one_cycle_start);
  require(options.one_cycle_end >= 0 && options.one_cycle_end <= 1,
          "a last share of the one-cycle schedule from 0 to 1",
          options.one_cycle_end);
  require(options.plateau_patience >= 0, "a plateau's patience of at least 0",
          options.plateau_patience);
  for (const std::int64_t milestone : options.milestones)
    require(milestone >= 0, "milestones of at least 0 epochs",
            static_cast<double>(milestone));
  require(options.one_cycle_rise > 0 && options.one_cycle_rise < 1,
          "a rise of the one-cycle schedule between 0 and 1",
          options.one_cycle_rise);
  require(options.warmup_start >= 0 && options.warmup_start <= 1,
          "a first share of the learning rate from 0 to 1",
          options.warmup_start);
}

void check_loss(const LossOptions& options) {
  require(options.label_smoothing >= 0 && options.label_smoothing < 1,
          "a label smoothing from 0 to below 1", options.label_smoothing);
  require(options.focal_gamma >= 0 && options.focal_gamma < 100,
          "a focal gamma of at least 0", options.focal_gamma);
}

void check_average(const AverageOptions& options) {
  require(options.decay >= 0 && options.decay < 1,
          "an average's decay from 0 to below 1", options.decay);
  require(options.steps >= 1, "an average every 1 or more steps",
          options.steps);
}

}  // namespace

// Each condition is false for NaN.
void check_train_options(const TrainOptions& options) {
  require(options.epochs >= 1, "at least 1 epoch", options.epochs);
  require(options.batch_size >= 1, "a batch size of at least 1",
          options.batch_size);
  require(options.accumulation >= 1, "at least 1 batch per step",
          options.accumulation);
  require(options.workers >= 1 && options.workers <= 256, "1 to 256 workers",
          options.workers);
  require(options.repeats >= 1 && options.repeats <= 64,
          "1 to 64 repetitions of a picture", options.repeats);
  require(options.warmup_epochs >= 0, "at least 0 warm-up epochs",
          options.warmup_epochs);
  require(options.patience >= 0, "a patience of at least 0 epochs",
          options.patience);
  require(options.min_delta >= 0, "a least progress of at least 0",
          options.min_delta);
  require(options.mixup_alpha >= 0, "a mixup alpha of at least 0",
          options.mixup_alpha);
  require(options.cutmix_alpha >= 0, "a cutmix alpha of at least 0",
          options.cutmix_alpha);
  require(options.freeze.groups >= 0, "at least 0 frozen layer groups",
          options.freeze.groups);
  require(options.freeze.unfreeze_epochs >= 0,
          "at least 0 epochs until layers learn again",
          options.freeze.unfreeze_epochs);
  require(options.train_crop >= 0, "a training crop of at least 0 pixels",
          options.train_crop);
  require(options.checkpoint_steps >= 0, "at least 0 steps between checkpoints",
          options.checkpoint_steps);
  require(options.keep_last >= 0, "at least 0 checkpoints to keep",
          options.keep_last);
  require(options.print_frequency >= 0, "at least 0 steps between reports",
          options.print_frequency);
  for (const double share :
       {options.dropout.value_or(0), options.stochastic_depth.value_or(0)})
    require(share >= 0 && share < 1, "a dropout from 0 to below 1", share);
  check_optimiser(options.optimiser);
  check_schedule(options.schedule);
  check_loss(options.loss);
  check_average(options.average);
  check_augment_options(options.augment);
}

void check_train_sets(const Dataset& training, const Dataset* validation) {
  const auto& classes = training.classes();
  if (classes.size() < 2)
    throw Error(ErrorCode::kBadData, "expected at least two classes, got " +
                                         std::to_string(classes.size()));
  check_names(classes);
  const std::vector<std::int64_t> counts = class_counts(training);
  for (std::size_t label = 0; label < classes.size(); ++label) {
    if (counts[label] == 0)
      throw Error(ErrorCode::kBadData,
                  "expected training pictures of every class, got none of \"" +
                      classes[label] + "\"");
  }
  if (!validation)
    return;
  if (validation->size() == 0)
    throw Error(ErrorCode::kBadData, "expected validation pictures, got none");
  if (validation->classes() != classes)
    throw Error(ErrorCode::kBadData,
                "expected the validation set to have the training set's " +
                    std::to_string(classes.size()) +
                    " classes, got other ones");
}

}  // namespace torchclassify
