// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify models`: the architectures there are.
#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "command.h"
#include "output.h"
#include "torchclassify/nn/registry.h"

namespace torchclassify {
namespace {

// torchvision's newest ImageNet weights (docs of torchvision.models); the
// file's name ends in the first eight digits of its SHA-256.
struct Published {
  const char* architecture;
  const char* file;
  double top1;  // percent
};
constexpr std::array kPublished = {
    Published{"mobilenet_v2", "mobilenet_v2-7ebf99e0.pth", 72.154},
    Published{"resnet101", "resnet101-cd907fc2.pth", 81.886},
    Published{"resnet152", "resnet152-f82ba261.pth", 82.284},
    Published{"resnet18", "resnet18-f37072fd.pth", 69.758},
    Published{"resnet34", "resnet34-b627a593.pth", 73.314},
    Published{"resnet50", "resnet50-11ad3fa6.pth", 80.858},
};

const Published* published(const std::string& architecture) {
  for (const Published& weights : kPublished) {
    if (architecture == weights.architecture)
      return &weights;
  }
  return nullptr;
}

void print_json() {
  auto models = nlohmann::ordered_json::array();
  for (const nn::Architecture& model : nn::architectures()) {
    models.push_back({{"name", model.name},
                      {"classes", model.classes},
                      {"input_size", model.input_size},
                      {"parameters", model.parameters},
                      {"macs", model.macs}});
    if (const Published* weights = published(model.name)) {
      models.back()["top1_accuracy"] = weights->top1;
      models.back()["weights_file"] = weights->file;
    }
  }
  print(nlohmann::ordered_json{{"models", models}}.dump(2) + "\n");
}

void print_table() {
  char line[160];
  std::snprintf(line, sizeof line, "%-18s %7s %5s %12s %9s %7s  %s\n", "name",
                "classes", "input", "parameters", "MMACs", "top-1", "weights");
  print(line);
  for (const nn::Architecture& model : nn::architectures()) {
    const Published* weights = published(model.name);
    char accuracy[16] = "";
    if (weights)
      std::snprintf(accuracy, sizeof accuracy, "%.2f", weights->top1);
    std::snprintf(line, sizeof line, "%-18s %7lld %5lld %12lld %9.1f %7s  %s\n",
                  model.name.c_str(), static_cast<long long>(model.classes),
                  static_cast<long long>(model.input_size),
                  static_cast<long long>(model.parameters),
                  static_cast<double>(model.macs) * 1e-6, accuracy,
                  weights ? weights->file : "");
    print(line);
  }
}

}  // namespace

void add_models_command(CLI::App& app) {
  auto* command = app.add_subcommand("models", "List the architectures");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object");
  command->callback([json] { *json ? print_json() : print_table(); });
}

}  // namespace torchclassify
