// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify inspect`: what a model file says of itself, and whether it is
// true.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "command.h"
#include "engine/model_kind.h"
#include "formats/bundle.h"
#include "formats/weights_file.h"
#include "models/published_weights.h"
#include "models/recognise.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "models/weight_names.h"
#include "printing.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::ordered_json;

// Of the largest logit: what other processors' order of summation may change.
constexpr double kTolerance = 1e-3;

struct InspectOptions {
  std::string file;
  std::string model;  // to compare with; empty: none
  bool json = false;
  bool check = false;
};

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json describe_tensors(const WeightsFile& file) {
  std::map<std::string, int> dtypes;
  std::int64_t values = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    ++dtypes[dtype_name(tensor.dtype)];
    std::int64_t count = 1;
    for (const std::int64_t side : tensor.shape) count *= side;
    values += count;
  }
  return {{"tensors", file.tensors().size()},
          {"values", values},
          {"dtypes", dtypes}};
}

Json describe_recognised(const RenamedWeights& renamed) {
  const RecognisedModel model = recognise_model(renamed.tensors);
  Json json = {{"names", naming_name(renamed.naming)},
               {"recognised_architecture", model.architecture}};
  if (!model.architecture.empty())
    json.update({{"classes", model.classes},
                 {"channels", model.channels},
                 {"architecture_options", model.architecture_options}});
  return json;
}

// How the tensors fit an architecture, name by name.
Json compare(const NamedTensors& tensors, const std::string& architecture) {
  RecognisedModel model = recognise_model(tensors, architecture);
  if (model.architecture.empty())
    model = {.architecture = architecture,
             .classes = nn::ModelOptions().classes,
             .channels = nn::ModelOptions().channels};
  const WeightsReport report = compare_weights(*create_model(model), tensors);
  return {{"architecture", architecture},
          {"matched", report.matched},
          {"missing", report.missing},
          {"unexpected", report.unexpected},
          {"wrong_shape", report.unlike}};
}

// Throws Error kBadData if the logits are not the recorded ones.
Json run_self_check(const std::string& path) {
  const Bundle bundle = open_bundle(path);
  const auto module = create_model(bundle.info);
  load_state_dict(*module, as_tensors(bundle.file), path);
  const auto& recorded = bundle.info.self_check.logits;
  if (recorded.empty())
    throw Error(ErrorCode::kBadData,
                "expected a self-check, the file has none: " + path);
  const auto logits = self_check_logits(*module, bundle.info);
  double difference = 0;
  double largest = 1;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const double here = std::abs(logits.at(i) - recorded[i]);
    difference = std::isfinite(here) ? std::max(difference, here) : HUGE_VAL;
    largest = std::max<double>(largest, std::abs(recorded[i]));
  }
  if (!(difference <= kTolerance * largest))
    throw Error(ErrorCode::kBadData,
                "expected the recorded logits in the self-check, got others "
                "(largest difference " +
                    std::to_string(difference) + "): " + path);
  return {{"passed", true}, {"max_difference", difference}};
}

// Nothing of a file that executes code is looked at but its names.
Json describe_code(const InspectOptions& options, ModelKind kind) {
  if (options.check || !options.model.empty())
    throw Error(ErrorCode::kUnsupported,
                "expected weights to compare or check, got a file that "
                "executes code: " +
                    options.file);
  return {{"path", options.file},
          {"format",
           kind == ModelKind::kTorchScript ? "TorchScript" : "AOTInductor"},
          {"bytes", std::filesystem::file_size(options.file)},
          {"executes_code", true}};
}

Json describe(const InspectOptions& options) {
  const ModelKind kind = model_kind(options.file);
  if (kind != ModelKind::kBundle)
    return describe_code(options, kind);
  const WeightsFile file(options.file);
  const bool bundle = file.metadata().contains(kBundleKey);
  Json json = {{"path", options.file},
               {"format", bundle ? "bundle" : format_name(file.format())},
               {"bytes", std::filesystem::file_size(options.file)}};
  if (!file.container().empty())
    json["container"] = file.container();
  json.update(describe_tensors(file));
  const auto name = std::filesystem::path(options.file).filename().string();
  if (const PublishedWeights* weights = find_published_file(name))
    json["named_as"] = weights->architecture + ":" + weights->name;
  const RenamedWeights renamed =
      torchvision_names(as_tensors(file.tensors()), options.file);
  if (bundle)
    json["model"] = Json::parse(to_json(
        parse_model_info(file.metadata().at(kBundleKey), options.file)));
  else
    json.update(describe_recognised(renamed));
  if (!options.model.empty())
    json["compared"] = compare(renamed.tensors, options.model);
  if (options.check)
    json["check"] = run_self_check(options.file);
  return json;
}

// Everything but the long lists.
std::string to_text(const Json& json) {
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string())
      text += key + ": " + value.get<std::string>() + "\n";
    else if (key == "model" || key == "compared")
      text += to_text(value);
    else if (key == "classes" && value.is_array())
      text += key + ": " + std::to_string(value.size()) + "\n";
    else if (key == "self_check")
      text += key + ": " +
              (value.value("logits", Json::array()).empty() ? "no" : "yes") +
              "\n";
    else
      text += key + ": " +
              value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  auto* command = app.add_subcommand("inspect", "Say what is in a model file");
  const auto options = std::make_shared<InspectOptions>();
  command
      ->add_option("file", options->file,
                   "Bundle, safetensors, or what torch.save() wrote")
      ->required();
  command->add_option("--model", options->model,
                      "Architecture to compare the tensors with, by name and "
                      "shape");
  command->add_flag("--json", options->json, "One JSON object");
  command->add_flag("--check", options->check,
                    "Run the self-check: a known picture, the recorded logits");
  command->callback([options] {
    const Json json = describe(*options);
    print(options->json ? dump(json) + "\n" : to_text(json));
  });
}

}  // namespace torchclassify
