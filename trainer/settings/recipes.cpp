// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/recipes.h"

#include <utility>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

void set_input(Preprocessing& input, int side, std::vector<float> mean,
               std::vector<float> std) {
  input.resize_mode = ResizeMode::kSquash;
  input.resize_size = input.crop_width = input.crop_height = side;
  input.channels = static_cast<int>(mean.size());
  input.mean = std::move(mean);
  input.std = std::move(std);
}

// A short one-cycle run of SGD, after airbench94's.
TrainOptions small_pictures() {
  TrainOptions options;
  options.architecture = "airbench94";
  options.batch_size = 512;
  options.optimiser.nesterov = true;
  options.optimiser.momentum = 0.85;
  options.optimiser.weight_decay = 1.3e-3;
  options.optimiser.bias_rate = 64;
  options.schedule.kind = ScheduleKind::kOneCycle;
  options.schedule.one_cycle_rise = 0.23;
  options.schedule.peak = 0.75;
  options.loss.label_smoothing = 0.2;
  options.amp = AmpType::kBf16;
  return options;
}

TrainOptions mnist() {
  TrainOptions options = small_pictures();
  options.architecture = "airbench94_x0_5";
  options.epochs = 9;
  options.batch_size = 128;
  options.optimiser.momentum = 0.9;
  options.optimiser.weight_decay = 5e-4;
  options.optimiser.bias_rate = 1;
  options.schedule.peak = 0.05;
  options.loss.label_smoothing = 0.05;
  options.augment.degrees = 10;
  options.augment.translate = 0.1;
  options.augment.scale = 0.1;
  options.augment.border = Border::kBlack;
  set_input(options.preprocessing, 28, {0.1307f}, {0.3081f});
  return options;
}

TrainOptions cifar() {
  TrainOptions options = small_pictures();
  options.epochs = 16;
  options.augment.shift = 2;
  options.augment.border = Border::kReflect;
  options.augment.hflip = 0.5;
  set_input(options.preprocessing, 32, {0.4914f, 0.4822f, 0.4465f},
            {0.2470f, 0.2435f, 0.2616f});
  return options;
}

// Signs are small and cut out already; no flip, for it makes other signs. What
// changes them is what cameras do: angle, distance, light, blur, leaves.
TrainOptions gtsrb() {
  TrainOptions options = small_pictures();
  options.epochs = 16;
  options.batch_size = 256;
  options.schedule.peak = 0.3;
  options.optimiser.bias_rate = 16;
  options.loss.label_smoothing = 0.1;
  options.augment.degrees = 15;
  options.augment.shear = 8;
  options.augment.translate = 0.1;
  options.augment.scale = 0.2;
  options.augment.brightness = 0.5;
  options.augment.contrast = 0.5;
  options.augment.saturation = 0.5;
  options.augment.blur = 0.2;
  options.augment.erase = 0.2;
  options.half_bundle = true;
  set_input(options.preprocessing, 40, {0.5f, 0.5f, 0.5f}, {0.5f, 0.5f, 0.5f});
  return options;
}

// torchvision's reference recipe.
TrainOptions image_folder() {
  TrainOptions options;
  options.schedule.kind = ScheduleKind::kStep;
  options.schedule_by_epoch = true;
  options.augment.crop = CropMode::kRandomResized;
  options.augment.hflip = 0.5;
  return options;
}

// What introductions begin with: nothing but pictures, Adam and cross-entropy.
TrainOptions plain() {
  TrainOptions options;
  options.architecture = "simple_cnn";
  options.epochs = 10;
  options.optimiser.kind = OptimiserKind::kAdam;
  options.optimiser.weight_decay = 0;
  options.schedule.peak = 1e-3;
  Preprocessing& input = options.preprocessing;
  input.resize_size = input.crop_width = input.crop_height = 32;
  return options;
}

// The last layer alone, on features that are computed once.
TrainOptions transfer() {
  TrainOptions options;
  options.epochs = 30;
  options.freeze.all_but_head = true;
  options.optimiser.kind = OptimiserKind::kAdam;
  options.optimiser.weight_decay = 1e-4;
  options.schedule.peak = 1e-3;
  options.schedule.kind = ScheduleKind::kCosine;
  options.loss.label_smoothing = 0.1;
  return options;
}

using Recipe = std::pair<const char*, TrainOptions (*)()>;
constexpr Recipe kRecipes[] = {{"imagefolder", image_folder},
                               {"transfer", transfer},
                               {"plain", plain},
                               {"mnist", mnist},
                               {"cifar", cifar},
                               {"gtsrb", gtsrb}};

}  // namespace

const std::vector<std::string>& recipe_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, make] : kRecipes) all.push_back(name);
    return all;
  }();
  return names;
}

TrainOptions recipe(const std::string& name) {
  for (const auto& [known, make] : kRecipes) {
    if (name == known)
      return make();
  }
  throw Error(ErrorCode::kInvalidArgument,
              "expected the name of a recipe, got \"" + name + "\"");
}

std::string usual_recipe(const std::string& layout) {
  for (const std::string& name : recipe_names()) {
    if (name == layout)
      return name;
  }
  return "imagefolder";
}

}  // namespace torchclassify
