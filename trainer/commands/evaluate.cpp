// SPDX-License-Identifier: LGPL-2.1-or-later
// `torchclassify evaluate`: how right a model is on labelled pictures.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <CLI/CLI.hpp>

#include "command.h"
#include "formats/atomic_file.h"
#include "in_flight.h"
#include "model_options.h"
#include "printing.h"
#include "reporting/text_fields.h"
#include "torchclassify/error.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/metrics.h"
#include "torchclassify/train/report.h"

namespace torchclassify {
namespace {

struct EvaluateOptions {
  ClassifierOptions model;
  std::string data_path;
  std::string dataset;  // layout; empty: found out
  std::string report_dir;
  bool json = false;
};

using Names = std::vector<std::string>;

std::optional<int> as_index(const std::string& name, std::size_t count) {
  std::size_t index = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, index);
  if (error != std::errc() || rest != end || index >= count)
    return {};
  return static_cast<int>(index);
}

// The model's class for each of the set's: of the same name; or, where the
// set's names are nothing but numbers, of that number.
std::vector<int> map_classes(const Names& of_set, const Names& of_model,
                             const std::string& data_path) {
  std::unordered_map<std::string, int> by_name;
  for (std::size_t i = 0; i < of_model.size(); ++i)
    by_name.emplace(of_model[i], static_cast<int>(i));
  const bool named =
      std::all_of(of_set.begin(), of_set.end(),
                  [&](const auto& n) { return by_name.contains(n); });
  std::vector<int> ids;
  for (const std::string& name : of_set) {
    const auto id = named ? std::optional(by_name.at(name))
                          : as_index(name, of_model.size());
    if (!id)
      throw Error(ErrorCode::kBadData,
                  "expected classes that the model knows (" +
                      std::to_string(of_model.size()) + ", the first \"" +
                      of_model.front() + "\"), got \"" + name +
                      "\": " + data_path);
    ids.push_back(*id);
  }
  return ids;
}

class Evaluation {
 public:
  explicit Evaluation(const EvaluateOptions& options)
      : options_(options),
        data_(open_dataset(options.data_path, options.dataset, Split::kTest)),
        classifier_(open_classifier(options.model)),
        ids_(map_classes(data_->classes(), classifier_->classes(),
                         options.data_path)),
        metrics_(classifier_->classes().size()) {}

  // Error kBadData at the end if pictures could not be read.
  void run() {
    if (!options_.report_dir.empty())
      make_folder(options_.report_dir);  // not after the work
    classify_all();
    if (metrics_.count() == 0)
      throw Error(ErrorCode::kBadData,
                  "expected pictures, none could be read" +
                      (failures_ ? ", the first: " + first_failure_
                                 : ": " + options_.data_path));
    const Metrics metrics = metrics_.finish();
    const Names& labels = classifier_->classes();
    if (!options_.report_dir.empty())
      write_reports(metrics, labels);
    print(options_.json ? to_json(metrics, labels) + "\n" : summary(metrics));
    if (failures_ > 0)
      throw Error(
          ErrorCode::kBadData,
          std::to_string(failures_) + " of " + std::to_string(data_->size()) +
              " pictures could not be read, the first: " + first_failure_);
  }

 private:
  void classify_all() {
    InFlight in_flight(*classifier_, {.top_k = 1, .logits = true});
    for (std::size_t i = 0; i < data_->size(); ++i) {
      if (const auto picture = read(i))
        in_flight.submit(
            picture->view(),
            [this, i](const InFlight::Answer& answer) { add(i, answer()); });
    }
    in_flight.finish();
  }

  std::optional<Picture> read(std::size_t index) {
    try {
      return data_->picture(index);
    } catch (const Error& error) {
      if (failures_++ == 0)
        first_failure_ = error.what();
      return {};
    }
  }

  void add(std::size_t index, const Classification& result) {
    if (!result.finite)
      throw Error(ErrorCode::kBadData,
                  "expected finite logits, got NaN or Inf from " +
                      options_.model.model_file + ": " + data_->name(index));
    const int truth = ids_.at(static_cast<std::size_t>(data_->label(index)));
    metrics_.add(truth, softmax_logits(result.logits, classifier_->info()));
    const Prediction& best = result.top.at(0);
    char confidence[32];
    std::snprintf(confidence, sizeof confidence, "%.9g",
                  static_cast<double>(best.confidence));
    predictions_ += csv_field(data_->name(index)) + "," + label(truth) + "," +
                    label(best.label_id) + "," + confidence + "\n";
  }

  std::string label(int id) const {
    return csv_field(classifier_->classes().at(static_cast<std::size_t>(id)));
  }

  void write_reports(const Metrics& metrics, const Names& labels) const {
    const std::filesystem::path folder = options_.report_dir;
    write_text_file(folder / "metrics.json", to_json(metrics, labels) + "\n");
    write_text_file(folder / "predictions.csv",
                    "path,label,predicted,confidence\n" + predictions_);
    const ReportOptions report{
        .title = "Evaluation of " + options_.model.model_file,
        .facts = {{"Architecture", classifier_->info().architecture},
                  {"Data", options_.data_path},
                  {"Pictures", std::to_string(metrics_.count())}}};
    write_text_file(folder / "report.html",
                    html_report(report, metrics, labels));
  }

  std::string summary(const Metrics& metrics) const {
    char text[512];
    std::snprintf(text, sizeof text,
                  "pictures=%lld accuracy=%.4f top5_accuracy=%.4f "
                  "balanced_accuracy=%.4f loss=%.4f ece=%.4f\n"
                  "macro precision=%.4f recall=%.4f f1=%.4f\n"
                  "weighted precision=%.4f recall=%.4f f1=%.4f\n",
                  static_cast<long long>(metrics_.count()), metrics.accuracy,
                  metrics.top5_accuracy, metrics.balanced_accuracy,
                  metrics.loss, metrics.ece, metrics.macro.precision,
                  metrics.macro.recall, metrics.macro.f1,
                  metrics.weighted.precision, metrics.weighted.recall,
                  metrics.weighted.f1);
    return text;
  }

  const EvaluateOptions& options_;
  const std::unique_ptr<Dataset> data_;
  const std::unique_ptr<Classifier> classifier_;
  const std::vector<int> ids_;  // the model's class of each of the set's
  MetricsBuilder metrics_;
  std::string predictions_;  // lines of predictions.csv
  std::size_t failures_ = 0;
  std::string first_failure_;
};

}  // namespace

void add_evaluate_command(CLI::App& app) {
  auto* command =
      app.add_subcommand("evaluate", "Measure a model on labelled pictures");
  const auto options = std::make_shared<EvaluateOptions>();
  add_model_options(*command, options->model)->required();
  command
      ->add_option("--data-path", options->data_path, "Folder of the data set")
      ->required();
  command->add_option("--labels-file", options->model.labels_file,
                      "Class names to use instead of the bundle's");
  command->add_option("--dataset", options->dataset,
                      "Layout: imagefolder, mnist or gtsrb; found out if not "
                      "given");
  command->add_option("--report-dir", options->report_dir,
                      "Folder for metrics.json, predictions.csv, report.html");
  command->add_flag("--json", options->json,
                    "Print the metrics as one JSON object");
  command->callback([options] { Evaluation(*options).run(); });
}

}  // namespace torchclassify
