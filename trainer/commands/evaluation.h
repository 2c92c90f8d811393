// SPDX-License-Identifier: LGPL-2.1-or-later
// What `torchclassify evaluate` found out, and the files that say it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"
#include "torchclassify/train/answers.h"
#include "torchclassify/train/dataset.h"
#include "torchclassify/train/metrics.h"
#include "torchclassify/train/report.h"

namespace torchclassify {

// A better temperature or better thresholds for the model.
struct Refit {
  ModelInfo info;  // as it was, but for these
  double loss_before = 0;
  double loss_after = 0;
  double ece_before = 0;
  double ece_after = 0;
  double macro_f1_before = 0;  // of the thresholds
  double macro_f1_after = 0;
};

struct Evaluation {
  std::string model_file;
  std::string data_path;
  ModelInfo info;
  std::vector<std::string> labels;  // the model's classes, as the user has them
  Answers answers;                  // logits divided by the temperature
  std::vector<double> confidences;  // single labels: in the predicted class
  Metrics metrics;
  std::vector<double> topk;  // [k - 1]; empty for several labels
  std::vector<ReportProblem> problems;
  std::optional<Refit> refit;

  bool multi_label() const { return !answers.targets.empty(); }
};

// For people, a line each.
std::string summary(const Evaluation& evaluation);
// The object of metrics.json and --json.
std::string metrics_json(const Evaluation& evaluation);

// metrics.json, predictions.csv and report.html with the worst mistakes. Throws
// Error kCannotWrite.
void write_reports(const Evaluation& evaluation, const Dataset& data,
                   std::size_t mistakes, const std::filesystem::path& folder);

}  // namespace torchclassify
