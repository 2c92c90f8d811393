// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/train_request.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "settings/recipes.h"
#include "settings/setting.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

constexpr double kUsualShare = 0.2;

// What was given last; null: nothing.
const std::vector<std::string>* find(const GivenSettings& given,
                                     const std::string& name) {
  for (auto it = given.rbegin(); it != given.rend(); ++it) {
    if (it->first == name)
      return &it->second;
  }
  return nullptr;
}

void apply_settings(const GivenSettings& given, TrainRequest& request) {
  for (const auto& [name, values] : given) {
    try {
      find_setting(name).set(request, values);
    } catch (const Error& error) {
      throw Error(error.code(), "--" + name + ": " + error.what());
    }
  }
}

// One channel's mean and deviation for another number of channels.
void fit_channels(const GivenSettings& given, Preprocessing& input) {
  const auto channels = static_cast<std::size_t>(input.channels);
  if (input.mean.size() != channels && !find(given, "mean"))
    input.mean.assign(channels, 0.5f);
  if (input.std.size() != channels && !find(given, "std"))
    input.std.assign(channels, 0.5f);
}

std::vector<double> read_class_weights(const fs::path& path) {
  std::ifstream file(path);
  if (!file)
    throw Error(
        ErrorCode::kNotFound,
        "expected a file of class weights, found none: " + path.string());
  std::vector<double> weights;
  for (std::string line; std::getline(file, line);) {
    try {
      if (!line.empty())
        weights.push_back(number_from<double>(line));
    } catch (const Error& error) {
      throw Error(ErrorCode::kBadData,
                  std::string(error.what()) + ": " + path.string());
    }
  }
  return weights;
}

double usual_rate(OptimiserKind kind) {
  const bool adaptive =
      kind == OptimiserKind::kAdam || kind == OptimiserKind::kAdamW;
  return adaptive ? 1e-3 : 0.1;
}

// What settings mean together.
void finish(const GivenSettings& given, TrainRequest& request) {
  TrainOptions& options = request.options;
  Preprocessing& input = options.preprocessing;
  input.crop_height = input.crop_width;
  if (find(given, "val-crop-size") && !find(given, "val-resize-size"))
    input.resize_size = std::max(input.resize_size, input.crop_width);
  fit_channels(given, input);
  if (request.learning_rate)
    options.schedule.peak = *request.learning_rate;
  else if (find(given, "opt"))
    options.schedule.peak = usual_rate(options.optimiser.kind);
  options.amp = request.amp ? request.amp_type : AmpType::kNone;
  options.on_corrupt = request.on_corrupt == CorruptPolicy::kFail
                           ? OnCorrupt::kFail
                           : OnCorrupt::kSkip;
  if (request.sign_safe)
    options.augment = sign_safe(options.augment);
  if (options.loss.class_weights == ClassWeights::kGiven)
    options.loss.weights = read_class_weights(request.class_weights_file);
  if (!request.validation_share && request.validation_path.empty() &&
      !request.data->has_validation())
    request.validation_share = kUsualShare;
}

void require(bool given, const char* what) {
  if (!given)
    throw Error(
        ErrorCode::kInvalidArgument,
        std::string("expected ") + what + " (--help says what there is)");
}

TrainRequest base_of(const GivenSettings& given) {
  TrainRequest request;
  if (const auto* path = find(given, "data-path"))
    request.data_path = path->back();
  if (const auto* layout = find(given, "dataset"))
    request.layout = layout->back();
  require(!request.data_path.empty(), "--data-path");
  request.data.emplace(request.data_path, request.layout);
  request.layout = request.data->layout();
  const auto* recipe_name = find(given, "recipe");
  request.recipe =
      recipe_name ? recipe_name->back() : usual_recipe(request.layout);
  request.options = recipe(request.recipe);
  request.amp = request.options.amp != AmpType::kNone;
  if (request.amp)
    request.amp_type = request.options.amp;
  return request;
}

}  // namespace

GivenSettings settings_from_toml(const std::string& toml) {
  GivenSettings given;
  std::istringstream stream(toml);
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(stream)) {
    if (item.name != "++" && item.name != "--")
      given.emplace_back(item.name, item.inputs);
  }
  return given;
}

TrainRequest resolve(const GivenSettings& given) {
  GivenSettings all = given;
  if (const auto* checkpoint = find(given, "resume")) {
    const fs::path path = checkpoint->back();
    all = settings_from_toml(checkpoint_configuration(path));
    const fs::path folder =
        path.has_parent_path() ? path.parent_path() : fs::path(".");
    all.emplace_back("output-dir", std::vector<std::string>{folder.string()});
    all.insert(all.end(), given.begin(), given.end());
  }
  TrainRequest request = base_of(all);
  apply_settings(all, request);
  finish(all, request);
  require(!request.options.output.empty() || !request.preview.empty(),
          "--output-dir");
  request.options.configuration = to_toml(request);
  return request;
}

std::string to_toml(const TrainRequest& request) {
  std::string text = "[train]\n";
  for (const SettingGroup& group : setting_groups()) {
    for (const Setting& setting : group.settings) {
      const std::string name = setting.name();
      const auto value = setting.toml(request);
      if (value && name != "resume" && name != "preview")
        text += name + " = " + *value + "\n";
    }
  }
  return text;
}

}  // namespace torchclassify
