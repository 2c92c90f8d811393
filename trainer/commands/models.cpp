// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify models`: the architectures there are, and published weights.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "command.h"
#include "formatted.h"
#include "models/published_weights.h"
#include "printing.h"
#include "torchclassify/nn/registry.h"

namespace torchclassify {
namespace {

using Json = nlohmann::ordered_json;

// A file without a classifier, or a figure that nobody published, is null.
Json accuracy(double percent) { return percent > 0 ? Json(percent) : Json(); }

Json to_json(const PublishedWeights& weights) {
  Json json = {{"name", weights.name},
               {"file", weights.file},
               {"sha256_prefix", weights.sha256_prefix},
               {"url", weights.url},
               {"mebibytes", weights.mebibytes},
               {"top1_accuracy", accuracy(weights.top1_accuracy)},
               {"top5_accuracy", accuracy(weights.top5_accuracy)},
               {"default", weights.is_default}};
  if (!weights.licence.empty())
    json["licence"] = weights.licence;
  return json;
}

Json to_json(const nn::Architecture& model) {
  Json json = {{"name", model.name},
               {"classes", model.classes},
               {"input_size", model.input_size},
               {"parameters", model.parameters},
               {"macs", model.macs}};
  Json sets = Json::array();
  for (const PublishedWeights& weights : published_weights_of(model.name)) {
    sets.push_back(to_json(weights));
    if (!weights.is_default)
      continue;
    json["top1_accuracy"] = accuracy(weights.top1_accuracy);
    json["weights_file"] = weights.file;
  }
  json["weights"] = sets;
  return json;
}

void print_json() {
  Json models = Json::array();
  for (const nn::Architecture& model : nn::architectures())
    models.push_back(to_json(model));
  print(Json{{"models", models}}.dump(2) + "\n");
}

std::string percent(double accuracy) {
  return accuracy > 0 ? formatted("%.2f", accuracy) : "-";
}

constexpr char kModelForm[] = "%-18s %7s %5s %11s %9s";
constexpr char kWeightsForm[] = "  %-27s %6s %6s  %-10s  %s\n";

std::string row(const nn::Architecture& model) {
  return formatted(
      kModelForm, model.name.c_str(), std::to_string(model.classes).c_str(),
      std::to_string(model.input_size).c_str(),
      std::to_string(model.parameters).c_str(),
      formatted("%.1f", static_cast<double>(model.macs) * 1e-6).c_str());
}

std::string row(const PublishedWeights& weights) {
  const std::string name = weights.name + (weights.is_default ? " *" : "");
  return formatted(kWeightsForm, name.c_str(),
                   percent(weights.top1_accuracy).c_str(),
                   percent(weights.top5_accuracy).c_str(),
                   weights.sha256_prefix.c_str(), weights.file.c_str());
}

// An architecture's further sets stand below the first.
void print_table() {
  print(
      formatted(kModelForm, "name", "classes", "input", "parameters", "MMACs") +
      formatted(kWeightsForm, "weights (* default)", "top-1", "top-5",
                "SHA-256", "file"));
  const std::string below = formatted(kModelForm, "", "", "", "", "");
  for (const nn::Architecture& model : nn::architectures()) {
    std::string left = row(model);
    const auto sets = published_weights_of(model.name);
    if (sets.empty())
      print(left + "\n");
    for (const PublishedWeights& weights : sets) {
      print(left + row(weights));
      left = below;
    }
  }
}

}  // namespace

void add_models_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "models", "List the architectures and their published weights");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object");
  command->callback([json] { *json ? print_json() : print_table(); });
}

}  // namespace torchclassify
