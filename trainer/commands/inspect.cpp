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
#include "formats/bundle.h"
#include "formats/safetensors.h"
#include "models/save.h"
#include "models/state_dict.h"
#include "output.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Json = nlohmann::ordered_json;

// Of the largest logit: what other processors' order of summation may change.
constexpr double kTolerance = 1e-3;

struct InspectOptions {
  std::string file;
  bool json = false;
  bool check = false;
};

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json describe_tensors(const SafetensorsFile& file) {
  std::map<std::string, int> dtypes;
  std::int64_t values = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    ++dtypes[dtype_name(tensor.dtype)];
    values += static_cast<std::int64_t>(tensor.size / dtype_size(tensor.dtype));
  }
  return {{"tensors", file.tensors().size()},
          {"values", values},
          {"dtypes", dtypes}};
}

// Throws Error kBadData if the logits are not the recorded ones.
Json run_self_check(const std::string& path) {
  const Bundle bundle = open_bundle(path);
  const auto module = create_model(bundle.info);
  load_state_dict(*module, bundle.file.tensors(), path);
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

Json describe(const InspectOptions& options) {
  const SafetensorsFile file(options.file);
  const auto model = file.metadata().find(kBundleKey);
  const bool bundle = model != file.metadata().end();
  Json json = {{"path", options.file},
               {"format", bundle ? "bundle" : "safetensors"},
               {"bytes", std::filesystem::file_size(options.file)}};
  json.update(describe_tensors(file));
  if (bundle)
    json["model"] = Json::parse(to_json(open_bundle(options.file).info));
  else
    json["recognised_architecture"] = recognise_architecture(file.tensors());
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
    else if (key == "model")
      text += to_text(value);
    else if (key == "classes")
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
  command->add_option("file", options->file, "Bundle or safetensors file")
      ->required();
  command->add_flag("--json", options->json, "One JSON object");
  command->add_flag("--check", options->check,
                    "Run the self-check: a known picture, the recorded logits");
  command->callback([options] {
    const Json json = describe(*options);
    print(options->json ? dump(json) + "\n" : to_text(json));
  });
}

}  // namespace torchclassify
