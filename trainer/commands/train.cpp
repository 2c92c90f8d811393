// SPDX-License-Identifier: LGPL-2.1-or-later
// torchclassify train: a folder of labelled pictures becomes a model bundle.
#include "torchclassify/train/train.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "command.h"
#include "commands/train_request.h"
#include "formats/atomic_file.h"
#include "formats/labels.h"
#include "printing.h"
#include "training/train_checks.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

template <typename Value>
std::vector<std::string> names_of(const std::map<std::string, Value>& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// Other names for a set's classes.
class Renamed : public Dataset {
 public:
  Renamed(std::unique_ptr<Dataset> base, std::vector<std::string> names)
      : base_(std::move(base)), names_(std::move(names)) {}

  const std::vector<std::string>& classes() const override { return names_; }
  std::size_t size() const override { return base_->size(); }
  int label(std::size_t index) const override { return base_->label(index); }
  std::string name(std::size_t index) const override {
    return base_->name(index);
  }
  std::string group(std::size_t index) const override {
    return base_->group(index);
  }
  Picture picture(std::size_t index) const override {
    return base_->picture(index);
  }

 private:
  std::unique_ptr<Dataset> base_;
  std::vector<std::string> names_;
};

std::unique_ptr<Dataset> open_part(const TrainRequest& request,
                                   const std::string& layout, Split split) {
  auto set = open_dataset(request.data_path, layout, split);
  if (request.classes.empty())
    return set;
  auto names = read_labels(request.classes, set->classes().size());
  return std::make_unique<Renamed>(std::move(set), std::move(names));
}

struct Sets {
  std::unique_ptr<Dataset> whole;       // what the next two may point into
  std::unique_ptr<Dataset> training;    // null: whole
  std::unique_ptr<Dataset> validation;  // null: none
};

// Without a share, the set's own validation part.
Sets open_sets(const TrainRequest& request, const std::string& layout,
               std::uint64_t seed) {
  Sets sets;
  sets.whole = open_part(request, layout, Split::kTrain);
  if (!request.validation_share) {
    sets.validation = open_part(request, layout, Split::kValidation);
    return sets;
  }
  const TrainValidation split =
      split_by_group(*sets.whole, *request.validation_share, seed);
  sets.training = subset(*sets.whole, split.train);
  if (!split.validation.empty())
    sets.validation = subset(*sets.whole, split.validation);
  return sets;
}

void print_epoch(const EpochReport& report) {
  const Metrics& valid = report.validation;
  char line[320];
  int length = std::snprintf(line, sizeof line, "epoch=%d train_loss=%.4f",
                             report.epoch, report.train_loss);
  if (report.validated)
    length += std::snprintf(
        line + length, sizeof line - static_cast<std::size_t>(length),
        " valid_loss=%.4f valid_accuracy=%.4f valid_macro_precision=%.4f "
        "valid_macro_recall=%.4f valid_macro_f1=%.4f best=%d",
        valid.loss, valid.accuracy, valid.macro.precision, valid.macro.recall,
        valid.macro.f1, report.best);
  std::snprintf(line + length, sizeof line - static_cast<std::size_t>(length),
                " lr=%.6g seconds=%.1f\n", report.learning_rate,
                report.seconds);
  print(line);
  std::fflush(stdout);
}

void print_step(const StepReport& report) {
  char line[160];
  std::snprintf(line, sizeof line, "epoch=%d step=%zu steps=%zu loss=%.4f\n",
                report.epoch, report.step, report.steps, report.loss);
  print(line);
  std::fflush(stdout);
}

std::string start_line(const TrainOptions& options, const Dataset& training,
                       const Dataset* validation, const std::string& layout) {
  return "dataset=" + layout + " model=" + options.architecture +
         " classes=" + std::to_string(training.classes().size()) +
         " train=" + std::to_string(training.size()) +
         " valid=" + std::to_string(validation ? validation->size() : 0) +
         " seed=" + std::to_string(options.seed) + "\n";
}

// Without validation, nothing has been measured.
std::string end_line(const TrainResult& result, bool validated) {
  char accuracy[32] = "";
  if (validated)
    std::snprintf(accuracy, sizeof accuracy, "best_accuracy=%.4f ",
                  result.best.accuracy);
  return "best_epoch=" + std::to_string(result.best_epoch) + " " + accuracy +
         "model=";
}

void run(TrainRequest request) {
  constexpr double kUsualShare = 0.2;
  const std::string layout = request.layout.empty()
                                 ? detect_layout(request.data_path)
                                 : request.layout;
  if (!request.validation_share && !has_validation(request.data_path, layout))
    request.validation_share = kUsualShare;
  const TrainOptions options = resolve(request, layout);
  check_train_options(options);
  const Sets sets = open_sets(request, layout, options.seed);
  const Dataset& training = sets.training ? *sets.training : *sets.whole;
  check_train_sets(training, sets.validation.get());
  make_folder(options.output);
  write_text_file(options.output / "config.toml",
                  to_toml(request, options, layout));
  print(start_line(options, training, sets.validation.get(), layout));

  const TrainResult result = train(training, sets.validation.get(), options,
                                   {print_epoch, print_step});

  print(end_line(result, sets.validation != nullptr) +
        (options.output / "best.safetensors").string() + "\n");
}

void add_data_options(CLI::App& command, TrainRequest& request) {
  command
      .add_option("--data-path", request.data_path, "Folder of the data set")
      ->required();
  command
      .add_option("--dataset", request.layout,
                  "imagefolder, mnist or gtsrb; default: found out")
      ->check(CLI::IsMember({"imagefolder", "mnist", "gtsrb"}));
  command.add_option("--classes", request.classes,
                     "File of class names that replace the set's own");
  command.add_option("--validation-share", request.validation_share,
                     "Share of the groups of each class (GTSRB: tracks) held "
                     "out of training, 0 to 1; 0: no validation. Default: the "
                     "set's own validation part, else 0.2");
  command
      .add_option("-j,--workers", request.options.workers,
                  "Threads that prepare pictures, at least 1")
      ->capture_default_str();
}

void add_input_options(CLI::App& command, TrainRequest& request) {
  command.add_option("--val-resize-size", request.resize_size,
                     "Pixels of the shorter side after resizing");
  command.add_option("--val-crop-size", request.crop_size,
                     "Pixels of the model's input, square");
  command.add_option("--train-crop-size", request.train_crop_size,
                     "As --val-crop-size, which has precedence");
  command
      .add_option("--resize-mode", request.resize_mode,
                  "shorter-side, squash or letterbox")
      ->check(CLI::IsMember(names_of(kResizeModes)));
  command
      .add_option("--interpolation", request.interpolation,
                  "bilinear or bicubic, antialiased")
      ->check(CLI::IsMember({"bilinear", "bicubic"}))
      ->capture_default_str();
  command.add_option("--input-channels", request.channels, "3: RGB, 1: grey")
      ->check(CLI::IsMember({1, 3}));
  command.add_option("--mean", request.mean, "Subtracted, one per channel");
  command.add_option("--std", request.std, "Divided by, one per channel");
  // Not bound to the optional: CLI11 2.1 would set it to 0 here, as a count.
  command.add_flag_function(
      "--hflip,!--no-flip",
      [&request](std::int64_t count) { request.flip = count > 0; },
      "Mirror pictures at random; default: imagefolder only");
  command.add_option("--random-shift", request.shift,
                     "Pixels, at most, that pictures move each way");
  command.add_option("--random-scale", request.scale,
                     "Share, at most, that pictures grow or shrink by");
  command.add_option("--random-rotation", request.degrees,
                     "Degrees, at most, that pictures turn each way");
  command.add_option("--brightness", request.brightness,
                     "Share, at most, that brightness changes by");
  command.add_option("--contrast", request.contrast,
                     "Share, at most, that contrast changes by");
}

void add_optimisation_options(CLI::App& command, TrainRequest& request) {
  TrainOptions& options = request.options;
  command.add_option("--epochs", request.epochs, "Passes over the pictures");
  command.add_option("-b,--batch-size", request.batch_size,
                     "Pictures per optimiser step");
  command.add_option("--opt", request.optimiser, "sgd, sgd_nesterov or adam")
      ->check(CLI::IsMember({"sgd", "sgd_nesterov", "adam"}));
  command.add_option("--lr", request.learning_rate,
                     "Learning rate; default: adam 0.001, sgd 0.1");
  command.add_option("--momentum", options.momentum, "Of sgd")
      ->capture_default_str();
  command.add_option("--wd,--weight-decay", request.weight_decay,
                     "Times the weights, added to their gradient");
  command
      .add_option("--label-smoothing", options.label_smoothing,
                  "Share of a label spread over all classes")
      ->capture_default_str();
  command
      .add_option("--lr-scheduler", request.schedule,
                  "constant, steplr or cosineannealinglr")
      ->check(CLI::IsMember(names_of(kSchedules)));
  command
      .add_option("--lr-step-size", options.schedule_step_epochs,
                  "Epochs between two steps of steplr")
      ->capture_default_str();
  command
      .add_option("--lr-gamma", options.schedule_factor,
                  "What a step multiplies the learning rate by")
      ->capture_default_str();
  command.add_option("--lr-warmup-epochs", request.warmup_epochs,
                     "Epochs of linear warm-up; 0: none");
  command.add_option("--seed", options.seed, "Of everything random")
      ->capture_default_str();
}

void add_run_options(CLI::App& command, TrainRequest& request) {
  TrainOptions& options = request.options;
  command.add_option("--model", request.model,
                     "Architecture, as `torchclassify models` lists them");
  command.add_option("--weights", options.weights,
                     "Bundle to start from; its last layer is replaced when "
                     "its number of classes differs");
  command
      .add_option("--monitor", request.monitor,
                  "What the best epoch is best in: accuracy or macro_f1")
      ->check(CLI::IsMember({"accuracy", "macro_f1"}))
      ->capture_default_str();
  command
      .add_option("--dtype", request.dtype,
                  "Of the weights in the bundle: fp32 or fp16")
      ->check(CLI::IsMember({"fp32", "fp16"}))
      ->capture_default_str();
  command.add_option("--output-dir", options.output, "Folder for the results")
      ->required();
  command
      .add_option("--print-freq", options.print_frequency,
                  "Steps between two lines; 0: only a line per epoch")
      ->capture_default_str();
}

}  // namespace

void add_train_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "train",
      "Train a model on labelled pictures; defaults that are not "
      "shown depend on the data set");
  const auto request = std::make_shared<TrainRequest>();
  add_data_options(*command, *request);
  add_run_options(*command, *request);
  add_optimisation_options(*command, *request);
  add_input_options(*command, *request);
  command->callback([request] { run(*request); });
}

}  // namespace torchclassify
