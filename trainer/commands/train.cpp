// SPDX-License-Identifier: LGPL-2.1-or-later
// torchclassify train: a folder of labelled pictures becomes a model bundle.
#include "train.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "formats/labels.h"
#include "output.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

// What the command line says; where it is silent, the data set's preset.
struct Request {
  fs::path data_path;
  std::string layout;  // empty: found out
  fs::path classes;
  std::optional<std::string> model, optimiser, schedule;
  std::optional<int> epochs, batch_size, resize_size, crop_size,
      train_crop_size;
  std::optional<int> channels, shift;
  std::optional<double> learning_rate, weight_decay, warmup_epochs;
  std::optional<double> scale, degrees, brightness, contrast;
  std::optional<double> validation_share;
  std::optional<bool> flip;
  std::vector<float> mean, std;
  std::string resize_mode, interpolation = "bilinear";
  std::string dtype = "fp32", monitor = "accuracy";
  TrainOptions options;
};

const std::map<std::string, ResizeMode> kResizeModes = {
    {"shorter-side", ResizeMode::kShorterSide},
    {"squash", ResizeMode::kSquash},
    {"letterbox", ResizeMode::kLetterbox},
};
const std::map<std::string, ScheduleKind> kSchedules = {
    {"constant", ScheduleKind::kConstant},
    {"steplr", ScheduleKind::kStep},
    {"cosineannealinglr", ScheduleKind::kCosine},
    {"step", ScheduleKind::kStep},
    {"cosine", ScheduleKind::kCosine},
};

template <typename Value>
std::vector<std::string> names_of(const std::map<std::string, Value>& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// The digits as they are, with the recipe that every introduction uses.
TrainOptions mnist_preset() {
  TrainOptions options;
  options.architecture = "simple_cnn";
  options.epochs = 10;
  options.batch_size = 64;
  options.optimiser = OptimiserKind::kAdam;
  options.weight_decay = 0;
  Preprocessing& input = options.preprocessing;
  input.resize_mode = ResizeMode::kSquash;
  input.resize_size = input.crop_width = input.crop_height = 28;
  input.channels = 1;
  input.mean = {0.1307f};
  input.std = {0.3081f};
  return options;
}

// Signs are small and cut out already; no flip, for it makes other signs.
TrainOptions gtsrb_preset() {
  TrainOptions options;
  options.architecture = "cifar_resnet20";
  options.epochs = 20;
  options.batch_size = 128;
  options.weight_decay = 5e-4;
  options.schedule = ScheduleKind::kCosine;
  options.warmup_epochs = 1;
  options.augment.shift = 2;
  options.augment.scale = 0.1;
  options.augment.degrees = 10;
  options.augment.brightness = 0.3;
  options.augment.contrast = 0.3;
  Preprocessing& input = options.preprocessing;
  input.resize_mode = ResizeMode::kSquash;
  input.resize_size = input.crop_width = input.crop_height = 32;
  input.mean = {0.5f, 0.5f, 0.5f};
  input.std = {0.5f, 0.5f, 0.5f};
  return options;
}

// torchvision's reference recipe.
TrainOptions folder_preset() {
  TrainOptions options;
  options.schedule = ScheduleKind::kStep;
  options.augment.flip = true;
  return options;
}

TrainOptions preset_of(const std::string& layout) {
  if (layout == "mnist")
    return mnist_preset();
  return layout == "gtsrb" ? gtsrb_preset() : folder_preset();
}

template <typename Value, typename Target>
void take(const std::optional<Value>& given, Target& target) {
  if (given)
    target = *given;
}

void set_preprocessing(const Request& request, Preprocessing& input) {
  if (!request.resize_mode.empty())
    input.resize_mode = kResizeModes.at(request.resize_mode);
  take(request.crop_size ? request.crop_size : request.train_crop_size,
       input.crop_width);
  input.crop_height = input.crop_width;
  take(request.resize_size, input.resize_size);
  if (request.crop_size && !request.resize_size)
    input.resize_size = std::max(input.resize_size, input.crop_width);
  if (request.interpolation == "bicubic")
    input.interpolation = Interpolation::kBicubic;
  if (request.channels && *request.channels != input.channels) {
    input.channels = *request.channels;
    input.mean.assign(static_cast<std::size_t>(input.channels), 0.5f);
    input.std.assign(static_cast<std::size_t>(input.channels), 0.5f);
  }
  if (!request.mean.empty())
    input.mean = request.mean;
  if (!request.std.empty())
    input.std = request.std;
}

void set_optimisation(const Request& request, TrainOptions& options) {
  take(request.epochs, options.epochs);
  take(request.batch_size, options.batch_size);
  if (request.optimiser) {
    options.optimiser = *request.optimiser == "adam" ? OptimiserKind::kAdam
                                                     : OptimiserKind::kSgd;
    options.nesterov = *request.optimiser == "sgd_nesterov";
  }
  options.learning_rate =
      options.optimiser == OptimiserKind::kAdam ? 1e-3 : 0.1;
  take(request.learning_rate, options.learning_rate);
  take(request.weight_decay, options.weight_decay);
  take(request.warmup_epochs, options.warmup_epochs);
  if (request.schedule)
    options.schedule = kSchedules.at(*request.schedule);
}

void set_augmentation(const Request& request, AugmentOptions& augment) {
  take(request.flip, augment.flip);
  take(request.shift, augment.shift);
  take(request.scale, augment.scale);
  take(request.degrees, augment.degrees);
  take(request.brightness, augment.brightness);
  take(request.contrast, augment.contrast);
}

// The preset, changed by what was asked for. The fields that have no preset
// are in request.options already.
TrainOptions resolve(const Request& request, const std::string& layout) {
  TrainOptions options = preset_of(layout);
  const TrainOptions& given = request.options;
  options.weights = given.weights;
  options.seed = given.seed;
  options.momentum = given.momentum;
  options.label_smoothing = given.label_smoothing;
  options.schedule_step_epochs = given.schedule_step_epochs;
  options.schedule_factor = given.schedule_factor;
  options.workers = given.workers;
  options.print_frequency = given.print_frequency;
  options.output = given.output;
  options.half_bundle = request.dtype == "fp16";
  options.monitor =
      request.monitor == "macro_f1" ? Monitor::kMacroF1 : Monitor::kAccuracy;
  take(request.model, options.architecture);
  set_preprocessing(request, options.preprocessing);
  set_optimisation(request, options);
  const Preprocessing& input = options.preprocessing;
  if (input.resize_mode == ResizeMode::kShorterSide)
    options.augment.shift =
        std::max(0, (input.resize_size - input.crop_width) / 2);
  set_augmentation(request, options.augment);
  return options;
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

std::unique_ptr<Dataset> open_part(const Request& request,
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

// Without a share, a set's own validation part, else a fifth of it.
Sets open_sets(const Request& request, const std::string& layout,
               std::uint64_t seed) {
  constexpr double kUsualShare = 0.2;
  Sets sets;
  sets.whole = open_part(request, layout, Split::kTrain);
  if (!request.validation_share && has_validation(request.data_path, layout)) {
    sets.validation = open_part(request, layout, Split::kValidation);
    return sets;
  }
  const double share = request.validation_share.value_or(kUsualShare);
  const TrainValidation split = split_by_group(*sets.whole, share, seed);
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

void run(const Request& request, const std::string& config) {
  const std::string layout = request.layout.empty()
                                 ? detect_layout(request.data_path)
                                 : request.layout;
  const TrainOptions options = resolve(request, layout);
  const Sets sets = open_sets(request, layout, options.seed);
  const Dataset& training = sets.training ? *sets.training : *sets.whole;
  make_folder(options.output);
  write_text(options.output / "config.toml", config);
  print(start_line(options, training, sets.validation.get(), layout));

  const TrainResult result = train(training, sets.validation.get(), options,
                                   {print_epoch, print_step});

  char line[96];
  std::snprintf(line, sizeof line,
                "best_epoch=%d best_accuracy=%.4f model=", result.best_epoch,
                result.best.accuracy);
  print(line + (options.output / "best.safetensors").string() + "\n");
}

void add_data_options(CLI::App& command, Request& request) {
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

void add_input_options(CLI::App& command, Request& request) {
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
  command.add_flag("--hflip,!--no-flip", request.flip,
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

void add_optimisation_options(CLI::App& command, Request& request) {
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

void add_run_options(CLI::App& command, Request& request) {
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
  const auto request = std::make_shared<Request>();
  add_data_options(*command, *request);
  add_run_options(*command, *request);
  add_optimisation_options(*command, *request);
  add_input_options(*command, *request);
  command->callback(
      [request, command] { run(*request, command->config_to_str(true)); });
}

}  // namespace torchclassify
