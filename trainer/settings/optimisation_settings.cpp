// SPDX-License-Identifier: LGPL-2.1-or-later
// How train's weights change: optimiser, learning rate, loss.
#include "settings/setting.h"

namespace torchclassify {
namespace {

using R = TrainRequest;

// sgd_nesterov is torchvision's name for two settings.
Setting optimiser_setting() {
  Setting result = choice<OptimiserKind>(
      "--opt", "Optimiser",
      {{"sgd", OptimiserKind::kSgd},
       {"sgd_nesterov", OptimiserKind::kSgd},
       {"rmsprop", OptimiserKind::kRmsProp},
       {"adam", OptimiserKind::kAdam},
       {"adamw", OptimiserKind::kAdamW}},
      [](R & r) -> auto& { return r.options.optimiser.kind; });
  result.set = [set = result.set](R& request,
                                  const std::vector<std::string>& values) {
    set(request, values);
    request.options.optimiser.nesterov = values.back() == "sgd_nesterov";
  };
  result.toml = [toml = result.toml](const R& request) {
    return request.options.optimiser.nesterov ? toml_string("sgd_nesterov")
                                              : toml(request);
  };
  return result;
}

// What is not given depends on the recipe and the optimiser.
Setting rate_setting() {
  Setting result = setting(
      "--lr",
      "Learning rate, the schedule's peak; with another --opt than the "
      "recipe's: adam and adamw 0.001, others 0.1",
      [](R & r) -> auto& { return r.learning_rate; });
  result.toml = [](const R& request) {
    return toml_of(request.options.schedule.peak);
  };
  return result;
}

}  // namespace

std::vector<Setting> optimisation_settings() {
  return {
      setting(
          "--epochs", "Passes over the pictures",
          [](R & r) -> auto& { return r.options.epochs; }),
      setting(
          "-b,--batch-size", "Pictures per batch and process",
          [](R & r) -> auto& { return r.options.batch_size; }),
      setting(
          "--grad-accum-steps", "Batches per optimiser step",
          [](R & r) -> auto& { return r.options.accumulation; }),
      optimiser_setting(),
      setting(
          "--momentum", "Of sgd and rmsprop",
          [](R & r) -> auto& { return r.options.optimiser.momentum; }),
      setting(
          "--beta1", "Of adam and adamw",
          [](R & r) -> auto& { return r.options.optimiser.beta1; }),
      setting(
          "--beta2", "Of adam and adamw",
          [](R & r) -> auto& { return r.options.optimiser.beta2; }),
      setting(
          "--opt-alpha", "Of rmsprop",
          [](R & r) -> auto& { return r.options.optimiser.alpha; }),
      setting(
          "--opt-eps", "Of rmsprop, adam and adamw",
          [](R & r) -> auto& { return r.options.optimiser.epsilon; }),
      setting(
          "--wd,--weight-decay",
          "Times the weights, added to their gradient (adamw: taken off)",
          [](R & r) -> auto& { return r.options.optimiser.weight_decay; }),
      setting(
          "--norm-weight-decay", "Of normalisation layers; default: as --wd",
          [](R & r) -> auto& { return r.options.optimiser.norm_weight_decay; }),
      setting(
          "--bias-weight-decay", "Of biases; default: as --wd",
          [](R & r) -> auto& { return r.options.optimiser.bias_weight_decay; }),
      setting(
          "--norm-bias-rate",
          "Times the learning rate, for the biases of normalisation layers",
          [](R & r) -> auto& { return r.options.optimiser.bias_rate; }),
      setting(
          "--layer-decay",
          "Times the learning rate, for each layer group away from the head",
          [](R & r) -> auto& { return r.options.optimiser.layer_decay; }),
      setting(
          "--clip-grad-norm,--clip-grad",
          "Largest norm of all gradients together; 0: no limit",
          [](R & r) -> auto& { return r.options.optimiser.clip_norm; }),
      setting(
          "--amp", "Compute in lower precision where that is safe",
          [](R & r) -> auto& { return r.amp; }),
      choice<AmpType>(
          "--amp-dtype", "Precision of --amp",
          {{"bf16", AmpType::kBf16}, {"fp16", AmpType::kFp16}},
          [](R & r) -> auto& { return r.amp_type; }),
      setting(
          "--sync-bn",
          "Batch norms take the statistics of all processes' pictures together",
          [](R & r) -> auto& { return r.options.sync_norms; }),
      setting(
          "--model-ema", "Keep a moving average of the weights",
          [](R & r) -> auto& { return r.options.average.enabled; }),
      setting(
          "--model-ema-steps", "Optimiser steps between two averages",
          [](R & r) -> auto& { return r.options.average.steps; }),
      setting(
          "--model-ema-decay", "Of the average, as torchvision scales it",
          [](R & r) -> auto& { return r.options.average.decay; }),
      setting(
          "--seed", "Of everything random",
          [](R & r) -> auto& { return r.options.seed; }),
  };
}

std::vector<Setting> schedule_settings() {
  return {
      rate_setting(),
      choice<ScheduleKind>(
          "--lr-scheduler,--sched", "How it changes",
          {{"constant", ScheduleKind::kConstant},
           {"steplr", ScheduleKind::kStep},
           {"multisteplr", ScheduleKind::kMultiStep},
           {"cosineannealinglr", ScheduleKind::kCosine},
           {"exponentiallr", ScheduleKind::kExponential},
           {"polynomiallr", ScheduleKind::kPolynomial},
           {"onecyclelr", ScheduleKind::kOneCycle},
           {"reducelronplateau", ScheduleKind::kPlateau},
           {"step", ScheduleKind::kStep},
           {"multistep", ScheduleKind::kMultiStep},
           {"cosine", ScheduleKind::kCosine},
           {"exponential", ScheduleKind::kExponential},
           {"poly", ScheduleKind::kPolynomial},
           {"onecycle", ScheduleKind::kOneCycle},
           {"plateau", ScheduleKind::kPlateau}},
          [](R & r) -> auto& { return r.options.schedule.kind; }),
      setting(
          "--lr-per-epoch",
          "Change it between epochs only, as torchvision's references",
          [](R & r) -> auto& { return r.options.schedule_by_epoch; }),
      setting(
          "--lr-step-size,--decay-epochs", "Epochs between two steps of steplr",
          [](R & r) -> auto& { return r.options.schedule.step_size; }),
      setting(
          "--lr-milestones,--decay-milestones", "Epochs of multisteplr",
          [](R & r) -> auto& { return r.options.schedule.milestones; }),
      setting(
          "--lr-gamma,--decay-rate", "What a step multiplies the rate by",
          [](R & r) -> auto& { return r.options.schedule.gamma; }),
      setting(
          "--lr-min,--min-lr", "Lowest rate of cosine and plateau",
          [](R & r) -> auto& { return r.options.schedule.floor; }),
      setting(
          "--lr-power", "Of polynomiallr",
          [](R & r) -> auto& { return r.options.schedule.power; }),
      setting(
          "--lr-rise", "Share of onecyclelr's steps up to --lr",
          [](R & r) -> auto& { return r.options.schedule.one_cycle_rise; }),
      setting(
          "--lr-patience,--patience-epochs",
          "Epochs without progress before reducelronplateau lowers the rate",
          [](R & r) -> auto& { return r.options.schedule.plateau_patience; }),
      setting(
          "--lr-warmup-epochs,--warmup-epochs", "Epochs of warm-up; 0: none",
          [](R & r) -> auto& { return r.options.warmup_epochs; }),
      choice<WarmupKind>(
          "--lr-warmup-method", "How the warm-up goes",
          {{"linear", WarmupKind::kLinear},
           {"constant", WarmupKind::kConstant}},
          [](R & r) -> auto& { return r.options.schedule.warmup; }),
      setting(
          "--lr-warmup-decay", "Share of the rate that the warm-up begins at",
          [](R & r) -> auto& { return r.options.schedule.warmup_start; }),
  };
}

std::vector<Setting> loss_settings() {
  return {
      choice<LossKind>(
          "--loss", "What is minimised",
          {{"cross-entropy", LossKind::kCrossEntropy},
           {"focal", LossKind::kFocal}},
          [](R & r) -> auto& { return r.options.loss.kind; }),
      setting(
          "--focal-gamma", "Of the focal loss",
          [](R & r) -> auto& { return r.options.loss.focal_gamma; }),
      setting(
          "--label-smoothing,--smoothing",
          "Share of a label spread over all classes",
          [](R & r) -> auto& { return r.options.loss.label_smoothing; }),
      choice<ClassWeights>(
          "--class-weights",
          "How much pictures count: balanced (rare classes more), effective "
          "(Cui et al. 2019), or file (--class-weights-file)",
          {{"none", ClassWeights::kNone},
           {"balanced", ClassWeights::kBalanced},
           {"effective", ClassWeights::kEffective},
           {"file", ClassWeights::kGiven}},
          [](R & r) -> auto& { return r.options.loss.class_weights; }),
      setting(
          "--class-weights-file", "A number a line, one for each class",
          [](R & r) -> auto& { return r.class_weights_file; }),
      choice<Sampling>(
          "--sampling",
          "How often pictures come: shuffle (each once), balanced "
          "(every class as often), sqrt (between the two)",
          {{"shuffle", Sampling::kShuffle},
           {"balanced", Sampling::kBalanced},
           {"sqrt", Sampling::kSquareRoot}},
          [](R & r) -> auto& { return r.options.sampling; }),
  };
}

}  // namespace torchclassify
