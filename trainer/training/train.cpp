// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/train.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>

#include "models/save.h"
#include "models/state_dict.h"
#include "torchclassify/error.h"
#include "torchclassify/train/loader.h"
#include "training/train_checks.h"
#include "training/train_record.h"
#include "training/train_weights.h"

namespace torchclassify {
namespace {

using Clock = std::chrono::steady_clock;

ModelInfo describe(const Dataset& training, const TrainOptions& options) {
  ModelInfo info;
  info.architecture = options.architecture;
  info.classes = training.classes();
  info.preprocessing = options.preprocessing;
  info.provenance = {
      {"trainer", "torchclassify train"},
      {"epochs", std::to_string(options.epochs)},
      {"batch_size", std::to_string(options.batch_size)},
      {"learning_rate", std::to_string(options.learning_rate)},
      {"seed", std::to_string(options.seed)},
      {"training_pictures", std::to_string(training.size())},
  };
  return info;
}

std::unique_ptr<torch::optim::Optimizer> make_optimiser(
    const std::vector<torch::Tensor>& parameters, const TrainOptions& options) {
  if (options.optimiser == OptimiserKind::kAdam)
    return std::make_unique<torch::optim::Adam>(
        parameters, torch::optim::AdamOptions(options.learning_rate)
                        .weight_decay(options.weight_decay));
  return std::make_unique<torch::optim::SGD>(
      parameters, torch::optim::SGDOptions(options.learning_rate)
                      .momentum(options.momentum)
                      .nesterov(options.nesterov)
                      .weight_decay(options.weight_decay));
}

void set_learning_rate(torch::optim::Optimizer& optimiser, double rate) {
  for (auto& group : optimiser.param_groups()) group.options().set_lr(rate);
}

ScheduleOptions make_schedule(const TrainOptions& options, std::size_t steps) {
  const auto per_epoch = static_cast<std::int64_t>(steps);
  ScheduleOptions schedule;
  schedule.kind = options.schedule;
  schedule.peak = options.learning_rate;
  schedule.warmup_steps =
      std::llround(options.warmup_epochs * static_cast<double>(per_epoch));
  schedule.total_steps = per_epoch * options.epochs;
  schedule.step_size = per_epoch * options.schedule_step_epochs;
  schedule.step_factor = options.schedule_factor;
  return schedule;
}

// [N, channels, height, width], channels last in memory: faster on CPUs.
torch::Tensor inputs_of(Batch& batch, const Preprocessing& preprocessing) {
  return torch::from_blob(
             batch.inputs.data(),
             {static_cast<std::int64_t>(batch.size), preprocessing.channels,
              preprocessing.crop_height, preprocessing.crop_width})
      .contiguous(at::MemoryFormat::ChannelsLast);
}

torch::Tensor labels_of(Batch& batch) {
  return torch::tensor(batch.labels);  // [N]
}

LoaderOptions loader_options(const TrainOptions& options, bool training) {
  LoaderOptions loader;
  loader.batch_size = static_cast<std::size_t>(options.batch_size);
  loader.workers = options.workers;
  loader.seed = options.seed;
  loader.shuffle = training;
  if (training)
    loader.augment = options.augment;
  return loader;
}

// One training: the state that its epochs share.
class Training {
 public:
  Training(const Dataset& training, const Dataset* validation,
           const TrainOptions& options, const TrainCallbacks& callbacks)
      : options_(options),
        callbacks_(callbacks),
        info_(describe(training, options)),
        loader_(training, options.preprocessing,
                loader_options(options, /*training=*/true)),
        schedule_(make_schedule(options, loader_.batches())) {
    if (validation)
      validation_loader_ =
          std::make_unique<Loader>(*validation, options.preprocessing,
                                   loader_options(options, /*training=*/false));
    torch::manual_seed(options.seed);
    model_ = create_model(info_, /*initialize=*/true);
    if (!options.weights.empty())
      start_from_weights(*model_, info_, options.weights);
    make_channels_last(*model_);
    optimiser_ = make_optimiser(model_->parameters(), options);
  }

  EpochReport run_epoch(int epoch) {
    const auto start = Clock::now();
    EpochReport report;
    report.epoch = epoch;
    report.train_loss = train_epoch(epoch);
    report.learning_rate = rate_;
    report.validated = validation_loader_ != nullptr;
    if (report.validated)
      report.validation = validate();
    report.best = is_best(report);
    save(report);
    report.seconds =
        std::chrono::duration<double>(Clock::now() - start).count();
    return report;
  }

 private:
  double train_epoch(int epoch) {
    model_->train();
    loader_.start(static_cast<std::uint64_t>(epoch));
    double sum = 0;
    std::size_t pictures = 0;
    for (std::size_t step = 1; step <= loader_.batches(); ++step) {
      Batch batch = loader_.next();
      const double loss = train_step(batch);
      if (!std::isfinite(loss))
        throw Error(ErrorCode::kBadData,
                    "expected a finite loss, got NaN or Inf in epoch " +
                        std::to_string(epoch) + " step " +
                        std::to_string(step) +
                        " (a lower learning rate may help)");
      sum += loss * static_cast<double>(batch.size);
      pictures += batch.size;
      report_step({epoch, step, loader_.batches(), loss});
    }
    return sum / static_cast<double>(pictures);
  }

  double train_step(Batch& batch) {
    rate_ = learning_rate(schedule_, step_++);
    set_learning_rate(*optimiser_, rate_);
    optimiser_->zero_grad();
    const auto loss =
        loss_of(model_->forward_training(inputs_of(batch, info_.preprocessing)),
                labels_of(batch));
    loss.backward();
    optimiser_->step();
    return loss.item<double>();
  }

  torch::Tensor loss_of(const nn::TrainingLogits& output,
                        const torch::Tensor& labels) const {
    const auto one = [&](const torch::Tensor& logits) {
      return torch::nn::functional::cross_entropy(
          logits, labels,
          torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(
              options_.label_smoothing));
    };
    torch::Tensor loss = one(output.logits);
    for (const nn::AuxiliaryLogits& head : output.auxiliary)
      loss = loss + head.loss_weight * one(head.logits);
    return loss;
  }

  Metrics validate() {
    const torch::InferenceMode no_grad;
    model_->eval();
    MetricsBuilder builder(info_.classes.size());
    validation_loader_->start(0);
    for (std::size_t i = 0; i < validation_loader_->batches(); ++i) {
      Batch batch = validation_loader_->next();
      const auto logits =
          model_->forward(inputs_of(batch, info_.preprocessing)).contiguous();
      const auto classes = static_cast<std::size_t>(logits.size(1));
      const float* row = logits.data_ptr<float>();
      for (const std::int64_t label : batch.labels) {
        builder.add(static_cast<int>(label),
                    std::vector<float>(row, row + classes));
        row += classes;
      }
    }
    return builder.finish();
  }

  bool is_best(const EpochReport& report) {
    if (!report.validated)
      return true;
    const double measure = options_.monitor == Monitor::kAccuracy
                               ? report.validation.accuracy
                               : report.validation.macro.f1;
    if (measure <= best_measure_)
      return false;
    best_measure_ = measure;
    return true;
  }

  void save(const EpochReport& report) {
    ModelInfo info = info_;
    info.provenance["epoch"] = std::to_string(report.epoch);
    if (report.validated)
      info.metrics = {{"accuracy", report.validation.accuracy},
                      {"macro_f1", report.validation.macro.f1},
                      {"loss", report.validation.loss}};
    const auto dtype = options_.half_bundle ? torch::kHalf : torch::kFloat32;
    if (report.best)
      save_bundle(options_.output / "best.safetensors", info, *model_, dtype);
    save_bundle(options_.output / "last.safetensors", info, *model_, dtype);
  }

  void report_step(const StepReport& report) const {
    const auto frequency = static_cast<std::size_t>(options_.print_frequency);
    if (callbacks_.on_step && frequency > 0 && report.step % frequency == 0)
      callbacks_.on_step(report);
  }

  const TrainOptions& options_;
  const TrainCallbacks& callbacks_;
  const ModelInfo info_;
  Loader loader_;
  std::unique_ptr<Loader> validation_loader_;
  const ScheduleOptions schedule_;
  std::shared_ptr<nn::ImageClassifierImpl> model_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
  std::int64_t step_ = 0;
  double rate_ = 0;
  double best_measure_ = -1;
};

}  // namespace

TrainResult train(const Dataset& training, const Dataset* validation,
                  const TrainOptions& options,
                  const TrainCallbacks& callbacks) {
  check_train_options(options);
  check_train_sets(training, validation);
  TrainRecord record(options.output, training.classes(), options.epochs);
  try {
    Training run(training, validation, options, callbacks);
    TrainResult result;
    for (int epoch = 1; epoch <= options.epochs; ++epoch) {
      const EpochReport report = run.run_epoch(epoch);
      record.add(report);
      if (report.best)
        result = {report.epoch, report.validation};
      if (callbacks.on_epoch)
        callbacks.on_epoch(report);
    }
    return result;
  } catch (const c10::Error& error) {
    record.fail(error.what_without_backtrace());
    throw Error(ErrorCode::kInternal, std::string("LibTorch failed: ") +
                                          error.what_without_backtrace());
  } catch (const std::exception& error) {
    record.fail(error.what());
    throw;
  }
}

}  // namespace torchclassify
