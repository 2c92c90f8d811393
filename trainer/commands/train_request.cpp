// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/train_request.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace torchclassify {

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

namespace {

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

void set_preprocessing(const TrainRequest& request, Preprocessing& input) {
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

void set_optimisation(const TrainRequest& request, TrainOptions& options) {
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

void set_augmentation(const TrainRequest& request, AugmentOptions& augment) {
  take(request.flip, augment.flip);
  take(request.shift, augment.shift);
  take(request.scale, augment.scale);
  take(request.degrees, augment.degrees);
  take(request.brightness, augment.brightness);
  take(request.contrast, augment.contrast);
}

// Lines of `name = value`.
class TomlSection {
 public:
  explicit TomlSection(const std::string& name) {
    text_ << "[" << name << "]\n";
  }

  template <typename Number>
  void add(const char* name, Number value) {
    text_ << name << " = " << exactly(value) << "\n";
  }
  void add(const char* name, bool value) {
    text_ << name << " = " << (value ? "true" : "false") << "\n";
  }
  // Nothing for an empty text.
  void add(const char* name, const std::string& value) {
    const char quote = value.find('"') == std::string::npos ? '"' : '\'';
    if (!value.empty())
      text_ << name << " = " << quote << value << quote << "\n";
  }
  void add(const char* name, const std::vector<float>& values) {
    text_ << name << " = [";
    for (std::size_t i = 0; i < values.size(); ++i)
      text_ << (i ? ", " : "") << exactly(values[i]);
    text_ << "]\n";
  }

  std::string text() const { return text_.str(); }

 private:
  // The shortest text that reads as the same number.
  template <typename Number>
  static std::string exactly(Number value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
  }

  std::ostringstream text_;
};

template <typename Value>
std::string name_of(const std::map<std::string, Value>& map, Value wanted) {
  for (const auto& [name, value] : map) {
    if (value == wanted)
      return name;
  }
  return {};
}

std::string optimiser_name(const TrainOptions& options) {
  if (options.optimiser == OptimiserKind::kAdam)
    return "adam";
  return options.nesterov ? "sgd_nesterov" : "sgd";
}

void add_preprocessing(TomlSection& toml, const TrainRequest& request,
                       const Preprocessing& input) {
  toml.add("val-resize-size", input.resize_size);
  toml.add("val-crop-size", input.crop_width);
  toml.add("resize-mode", name_of(kResizeModes, input.resize_mode));
  toml.add("interpolation", request.interpolation);
  toml.add("input-channels", input.channels);
  toml.add("mean", input.mean);
  toml.add("std", input.std);
}

void add_augmentation(TomlSection& toml, const AugmentOptions& augment) {
  toml.add("hflip", augment.flip);
  toml.add("random-shift", augment.shift);
  toml.add("random-scale", augment.scale);
  toml.add("random-rotation", augment.degrees);
  toml.add("brightness", augment.brightness);
  toml.add("contrast", augment.contrast);
}

void add_optimisation(TomlSection& toml, const TrainOptions& options) {
  toml.add("epochs", options.epochs);
  toml.add("batch-size", options.batch_size);
  toml.add("opt", optimiser_name(options));
  toml.add("lr", options.learning_rate);
  toml.add("momentum", options.momentum);
  toml.add("weight-decay", options.weight_decay);
  toml.add("label-smoothing", options.label_smoothing);
  toml.add("lr-scheduler", name_of(kSchedules, options.schedule));
  toml.add("lr-step-size", options.schedule_step_epochs);
  toml.add("lr-gamma", options.schedule_factor);
  toml.add("lr-warmup-epochs", options.warmup_epochs);
  toml.add("seed", options.seed);
}

}  // namespace

TrainOptions resolve(const TrainRequest& request, const std::string& layout) {
  TrainOptions options = preset_of(layout);
  // These have no preset.
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

std::string to_toml(const TrainRequest& request, const TrainOptions& options,
                    const std::string& layout) {
  TomlSection toml("train");
  toml.add("data-path", request.data_path.string());
  toml.add("dataset", layout);
  toml.add("classes", request.classes.string());
  if (request.validation_share)
    toml.add("validation-share", *request.validation_share);
  toml.add("workers", options.workers);
  toml.add("model", options.architecture);
  toml.add("weights", options.weights.string());
  toml.add("monitor", request.monitor);
  toml.add("dtype", request.dtype);
  toml.add("output-dir", options.output.string());
  toml.add("print-freq", options.print_frequency);
  add_optimisation(toml, options);
  add_preprocessing(toml, request, options.preprocessing);
  add_augmentation(toml, options.augment);
  return toml.text();
}

}  // namespace torchclassify
