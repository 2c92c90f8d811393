// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify evaluate`: how right a model is on labelled pictures.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "command.h"
#include "commands/class_map.h"
#include "commands/evaluation.h"
#include "commands/evaluation_refit.h"
#include "commands/part_names.h"
#include "formats/atomic_file.h"
#include "formats/bundle.h"
#include "in_flight.h"
#include "model_options.h"
#include "printing.h"
#include "torchclassify/error.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {
namespace {

struct EvaluateOptions {
  ClassifierOptions model;
  std::string data_path;
  std::string dataset;  // layout; empty: found out
  Split split = Split::kTest;
  std::string on_corrupt = "report";
  std::string report_dir;
  std::size_t topk = 5;
  std::size_t mistakes = 24;
  RefitChoices refit;
  std::string output;  // the bundle with what was fitted
  bool json = false;
};

void check_kind(const Dataset& data, const ModelInfo& info,
                const std::string& data_path) {
  if (data.multi_label() && info.activation != Activation::kSigmoid)
    throw Error(ErrorCode::kBadData,
                "expected one label per picture, as the model gives one class "
                "(it has no sigmoid), got several: " +
                    data_path);
}

// Messages end with the file's name, which is kept apart here.
ReportProblem problem_with(const std::string& name, std::string reason) {
  if (reason.ends_with(": " + name))
    reason.resize(reason.size() - name.size() - 2);
  return {name, std::move(reason)};
}

std::string text_of(const ReportProblem& problem) {
  return problem.reason + ": " + problem.name;
}

// Puts every picture of the set before the model and notes what it says.
class Evaluator {
 public:
  Evaluator(const EvaluateOptions& options, Evaluation& evaluation)
      : options_(options),
        evaluation_(evaluation),
        data_(open_dataset(options.data_path, options.dataset, options.split)),
        classifier_(open_classifier(options.model)),
        ids_(map_classes(data_->classes(), classifier_->classes(),
                         options.data_path)) {
    check_kind(*data_, classifier_->info(), options.data_path);
    evaluation.model_file = options.model.model_file;
    evaluation.data_path = options.data_path;
    evaluation.info = classifier_->info();
    evaluation.labels = classifier_->classes();
    evaluation.answers.classes = evaluation.labels.size();
  }

  const Dataset& data() const { return *data_; }

  void run() {
    InFlight in_flight(*classifier_, {.top_k = 1, .logits = true});
    for (std::size_t i = 0; i < data_->size(); ++i) {
      if (const auto picture = read(i))
        in_flight.submit(
            picture->view(),
            [this, i](const InFlight::Answer& answer) { add(i, answer()); });
    }
    in_flight.finish();
    if (evaluation_.answers.size() == 0)
      throw Error(
          ErrorCode::kBadData,
          "expected pictures, none could be read" +
              (evaluation_.problems.empty()
                   ? ": " + options_.data_path
                   : ", the first: " + text_of(evaluation_.problems.front())));
  }

 private:
  std::optional<Picture> read(std::size_t index) {
    try {
      return data_->picture(index);
    } catch (const Error& error) {
      if (options_.on_corrupt == "fail")
        throw;
      evaluation_.problems.push_back(
          problem_with(data_->name(index), error.what()));
      return {};
    }
  }

  void add(std::size_t index, const Classification& result) {
    if (!result.finite)
      throw Error(ErrorCode::kBadData,
                  "expected finite logits, got NaN or Inf from " +
                      options_.model.model_file + ": " + data_->name(index));
    Answers& answers = evaluation_.answers;
    const auto logits = softmax_logits(result.logits, classifier_->info());
    if (data_->multi_label()) {
      std::vector<std::uint8_t> targets(answers.classes);
      for (const int label : data_->labels(index)) targets[class_of(label)] = 1;
      answers.add(index, targets, logits);
    } else {
      answers.add(index, static_cast<int>(class_of(data_->label(index))),
                  logits);
      evaluation_.confidences.push_back(result.top.at(0).confidence);
    }
  }

  // Of the model, for one of the set's.
  std::size_t class_of(int label) const {
    return static_cast<std::size_t>(ids_.at(static_cast<std::size_t>(label)));
  }

  const EvaluateOptions& options_;
  Evaluation& evaluation_;
  const std::unique_ptr<Dataset> data_;
  const std::unique_ptr<Classifier> classifier_;
  const std::vector<int> ids_;  // the model's class of each of the set's
};

void measure_all(Evaluation& evaluation, const EvaluateOptions& options) {
  if (evaluation.multi_label()) {
    evaluation.metrics =
        measure_multi_label(evaluation.answers, evaluation.info.thresholds);
  } else {
    evaluation.metrics = measure(evaluation.answers);
    evaluation.topk = top_k_accuracy(evaluation.answers, options.topk);
  }
  if (options.refit.any())
    evaluation.refit = refit(evaluation, options.refit);
}

// What would stop the command at its end is found at its beginning.
void prepare(const EvaluateOptions& options, const ModelInfo& info) {
  check_refit(info, options.refit);
  if (options.refit.any())
    open_bundle(options.model.model_file);
  if (!options.report_dir.empty())
    make_folder(options.report_dir);
}

// Error kBadData at the end if pictures could not be read.
void evaluate(const EvaluateOptions& options) {
  Evaluation evaluation;
  Evaluator evaluator(options, evaluation);
  prepare(options, evaluation.info);
  evaluator.run();
  measure_all(evaluation, options);
  if (evaluation.refit)
    write_refitted(options.model.model_file, evaluation.refit->info,
                   options.output);
  if (!options.report_dir.empty())
    write_reports(evaluation, evaluator.data(), options.mistakes,
                  options.report_dir);
  print(options.json ? metrics_json(evaluation) : summary(evaluation));
  const auto& problems = evaluation.problems;
  if (options.on_corrupt == "report" && !problems.empty())
    throw Error(ErrorCode::kBadData,
                std::to_string(problems.size()) + " of " +
                    std::to_string(evaluator.data().size()) +
                    " pictures could not be read, the first: " +
                    text_of(problems.front()));
}

std::string layouts_text() {
  std::string text = "Layout; found out if not given:";
  for (const std::string& name : layout_names()) text += " " + name;
  return text;
}

void add_data_options(CLI::App& command, EvaluateOptions& options) {
  command
      .add_option("--data-path", options.data_path, "Folder of the data set")
      ->required();
  command.add_option("--dataset", options.dataset, layouts_text());
  command
      .add_option_function<std::string>(
          "--split",
          [&options](const std::string& name) {
            options.split = kPartNames.at(name);
          },
          "Part of the set: train, val or test")
      ->check(CLI::IsMember(kPartNames))
      ->default_str("test");
  command
      .add_option("--on-corrupt", options.on_corrupt,
                  "A picture that cannot be read: fail (end there), skip "
                  "(leave it out and name it), report (the same, and exit "
                  "with 65)")
      ->check(CLI::IsMember({"fail", "skip", "report"}))
      ->capture_default_str();
}

void add_output_options(CLI::App& command, EvaluateOptions& options) {
  command.add_option("--report-dir", options.report_dir,
                     "Folder for metrics.json, predictions.csv, report.html");
  command
      .add_option("--mistakes", options.mistakes,
                  "How many of the worst mistakes the report shows; 0: none")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command
      .add_option("--top-k", options.topk,
                  "Largest k of the accuracies \"topk\" in JSON")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_flag("--json", options.json,
                   "Print the metrics as one JSON object");
}

void add_refit_options(CLI::App& command, EvaluateOptions& options) {
  command
      .add_option_function<std::string>(
          "--calibrate",
          [&options](const std::string&) { options.refit.temperature = true; },
          "temperature: fit it to these pictures (not those of the final test) "
          "and write the model with it to --output")
      ->check(CLI::IsMember({"temperature"}));
  command
      .add_option_function<std::string>(
          "--thresholds",
          [&options](const std::string&) { options.refit.thresholds = true; },
          "fit: those with the best F1 of each class on these pictures, "
          "likewise; for models with sigmoid")
      ->check(CLI::IsMember({"fit"}));
  command.add_option("-o,--output", options.output,
                     "Bundle to write, with --calibrate or --thresholds");
}

void check_usage(const EvaluateOptions& options) {
  if (options.refit.any() && options.output.empty())
    throw CLI::ValidationError("--calibrate and --thresholds", "need --output");
  if (!options.refit.any() && !options.output.empty())
    throw CLI::ValidationError("--output", "needs --calibrate or --thresholds");
}

}  // namespace

void add_evaluate_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("evaluate", "Measure a model on labelled pictures");
  const auto options = std::make_shared<EvaluateOptions>();
  add_model_options(*command, options->model)->required();
  command->add_option("--labels-file", options->model.labels_file,
                      "Class names to use instead of the bundle's");
  add_data_options(*command, *options);
  add_output_options(*command, *options);
  add_refit_options(*command, *options);
  command->callback([options] {
    check_usage(*options);
    evaluate(*options);
  });
}

}  // namespace torchclassify
