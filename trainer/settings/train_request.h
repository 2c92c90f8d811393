// SPDX-License-Identifier: LGPL-2.1-or-later
// What the user asked of train, complete: every setting has its value.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/data_source.h"
#include "torchclassify/train/train.h"

namespace torchclassify {

// What becomes of pictures that cannot be read: the run ends; they are left out
// and named; they are, and the program says at the end that it is not done.
enum class CorruptPolicy { kFail, kSkip, kReport };

struct TrainRequest {
  // The pictures.
  std::optional<DataSource> data;  // at data_path; resolve() opens it
  std::filesystem::path data_path;
  std::string layout;                      // empty: found out
  std::filesystem::path classes_file;      // names that replace the set's own
  std::filesystem::path validation_path;   // a set of its own to choose by
  std::optional<double> validation_share;  // nothing: the set's own part
  std::string group_regex;
  bool leak_check = true;  // look for pictures that are in both sets
  std::filesystem::path class_weights_file;
  CorruptPolicy on_corrupt = CorruptPolicy::kFail;
  bool sign_safe = false;
  std::filesystem::path preview;  // contact sheet to write instead of training

  std::string recipe;  // of recipe_names()
  bool amp = false;
  AmpType amp_type = AmpType::kBf16;
  std::optional<double> learning_rate;  // nothing: the optimiser's usual one
  TrainOptions options;
};

// A setting's name and its words, in the order they were given in.
using GivenSettings =
    std::vector<std::pair<std::string, std::vector<std::string>>>;

// The settings of a file that to_toml() wrote. Throws Error kBadData.
GivenSettings settings_from_toml(const std::string& toml);

// The recipe (or the checkpoint's settings, for --resume) changed by what was
// given. Throws Error kInvalidArgument for what does not read, kNotFound where
// there is no data, or as reading the checkpoint does.
TrainRequest resolve(const GivenSettings& given);

// The complete configuration, as the section of a file that --config reads: it
// says again what recipes said this time.
std::string to_toml(const TrainRequest& request);

}  // namespace torchclassify
