// SPDX-License-Identifier: LGPL-2.1-or-later
// What the user asked of train, and what that means for the data set at hand.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/train/train.h"

namespace torchclassify {

// What the command line says; where it is silent, the data set's preset.
struct TrainRequest {
  std::filesystem::path data_path;
  std::string layout;             // empty: found out
  std::filesystem::path classes;  // empty: the set's own names
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

// By the names that the command line has for them.
extern const std::map<std::string, ResizeMode> kResizeModes;
extern const std::map<std::string, ScheduleKind> kSchedules;

// The layout's preset, changed by what was asked for.
TrainOptions resolve(const TrainRequest& request, const std::string& layout);

// The complete configuration, as the section of a file that --config reads: it
// says again what the presets said this time.
std::string to_toml(const TrainRequest& request, const TrainOptions& options,
                    const std::string& layout);

}  // namespace torchclassify
