// SPDX-License-Identifier: LGPL-2.1-or-later
// torchclassify lr-find: which learning rates a training could use.
#include "torchclassify/train/lr_find.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "command.h"
#include "commands/train_options.h"
#include "formats/atomic_file.h"
#include "formatted.h"
#include "printing.h"
#include "settings/train_sets.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kStepsPerLine = 10;

struct LearningRateRequest {
  GivenSettings given;
  LearningRateRange range;
  fs::path plot;  // empty: in the output folder
  bool json = false;
};

void print_step(const LearningRatePoint& point) {
  print(formatted("step=%d lr=%.3g loss=%.4f smoothed_loss=%.4f\n", point.step,
                  point.learning_rate, point.loss, point.smoothed));
}

std::string rate_text(const std::optional<double>& rate) {
  return rate ? formatted("%.3g", *rate) : "none";
}

std::string end_line(const LearningRateCurve& curve, const fs::path& plot) {
  return "steepest=" + rate_text(curve.steepest) +
         " minimum_tenth=" + rate_text(curve.minimum_tenth) +
         " steps=" + std::to_string(curve.points.size()) +
         " exploded=" + (curve.exploded ? "true" : "false") +
         " plot=" + plot.string() + "\n";
}

Json rate_json(const std::optional<double>& rate) {
  return rate ? Json(*rate) : Json();
}

Json to_json(const LearningRateCurve& curve, const fs::path& plot) {
  Json points = Json::array();
  for (const LearningRatePoint& point : curve.points)
    points.push_back({{"step", point.step},
                      {"lr", point.learning_rate},
                      {"loss", point.loss},
                      {"smoothed_loss", point.smoothed}});
  return {{"steepest", rate_json(curve.steepest)},
          {"minimum_tenth", rate_json(curve.minimum_tenth)},
          {"exploded", curve.exploded},
          {"plot", plot.string()},
          {"points", std::move(points)}};
}

fs::path plot_file(const LearningRateRequest& request, const fs::path& output) {
  if (request.plot.empty())
    return output / "lr-find.svg";
  if (request.plot.extension() != ".svg")
    throw Error(ErrorCode::kInvalidArgument,
                "--plot: expected the name of an .svg file, got \"" +
                    request.plot.string() + "\"");
  return request.plot;
}

void run(const LearningRateRequest& request) {
  const TrainRequest train = resolve(request.given);
  const fs::path& output = train.options.output;
  const fs::path plot = plot_file(request, output);
  const TrainSets sets = open_train_sets(train);
  make_folder(output);

  const LearningRateCurve curve =
      find_learning_rate(sets.training(), train.options, request.range,
                         [&](const LearningRatePoint& point) {
                           if (!request.json && point.step % kStepsPerLine == 0)
                             print_step(point);
                         });

  write_text_file(output / "lr-find.csv", to_csv(curve));
  write_text_file(plot, to_svg(curve));
  print(request.json
            ? to_json(curve, plot)
                      .dump(2, ' ', false, Json::error_handler_t::replace) +
                  "\n"
            : end_line(curve, plot));
}

void add_range(CLI::App& command, LearningRateRequest& request) {
  const std::string group = "Range test";
  command.add_option("--lr-start", request.range.start, "First learning rate")
      ->capture_default_str()
      ->group(group);
  command.add_option("--lr-end", request.range.end, "Last learning rate")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--steps", request.range.steps,
                  "Optimiser steps from the first to the last, 10 to 100000")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--plot", request.plot,
                  "SVG file; default: lr-find.svg in the output folder, beside "
                  "lr-find.csv")
      ->group(group);
  command.add_flag("--json", request.json, "One JSON object, with all steps")
      ->group(group);
}

}  // namespace

void add_lr_find_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "lr-find",
      "Try learning rates on the first steps of a training, each higher than "
      "the last; options as train's");
  const auto request = std::make_shared<LearningRateRequest>();
  add_range(*command, *request);
  add_train_options(*command, {"resume", "preview"}, request->given);
  command->callback([request] { run(*request); });
}

}  // namespace torchclassify
