// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/run_report.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "explain/mistake_heat.h"
#include "formats/atomic_file.h"
#include "formats/bundle.h"
#include "measures/mistakes.h"
#include "measures/predictions_csv.h"
#include "models/state_dict.h"
#include "torchclassify/train/calibration.h"
#include "torchclassify/train/report.h"
#include "training/batch_source.h"
#include "training/class_weights.h"
#include "training/skipped.h"
#include "training/sources.h"
#include "training/train_weights.h"
#include "training/trained_model.h"
#include "training/validation.h"

namespace torchclassify {
namespace {
namespace fs = std::filesystem;

struct BestModel {
  ModelInfo info;
  std::shared_ptr<nn::ImageClassifierImpl> module;
};

BestModel open_best(const fs::path& path) {
  const Bundle bundle = open_bundle(path);
  BestModel best{bundle.info, create_model(bundle.info)};
  load_state_dict(*best.module, as_tensors(bundle.file), path.string());
  make_channels_last(*best.module);
  best.module->eval();
  return best;
}

// Rank 0's bundle everywhere, also where its folder is not.
BestModel share_best(const Dataset& training, const TrainOptions& options,
                     const fs::path& bundle, Team& team) {
  BestModel best;
  if (team.leads()) {
    best = open_best(bundle);
  } else {
    best.info = describe(training, options);
    best.module = create_model(best.info);
    make_channels_last(*best.module);
    best.module->eval();
  }
  team.broadcast(best.module->parameters());
  team.broadcast(best.module->buffers());
  return best;
}

// In the predicted class.
std::vector<double> confidences(const Answers& answers, const ModelInfo& info) {
  const std::vector<double> shares =
      probabilities(answers, info.activation, info.temperature);
  std::vector<double> largest;
  for (auto row = shares.begin(); row != shares.end();) {
    const auto end = row + static_cast<std::ptrdiff_t>(answers.classes);
    largest.push_back(*std::max_element(row, end));
    row = end;
  }
  return largest;
}

Report report_of(const Dataset& training, const TrainOptions& options,
                 const ModelInfo& info, const History& history) {
  Report report;
  report.title = "Training of " + info.architecture;
  report.facts = {{"Architecture", info.architecture},
                  {"Training pictures", std::to_string(training.size())},
                  {"Epochs", std::to_string(history.size())},
                  {"Seed", std::to_string(options.seed)}};
  report.classes = info.classes;
  report.activation = info.activation;
  report.temperature = info.temperature;
  report.thresholds = info.thresholds;
  report.training_counts = class_counts(training);
  report.history = history;
  return report;
}

// Whether there was something to fit.
bool calibrate(const Answers& answers, const TrainOptions& options,
               ModelInfo& info) {
  if (info.activation == Activation::kSigmoid)
    info.thresholds = fit_thresholds(answers, info.activation);
  else if (options.calibrate)
    info.temperature = fit_temperature(answers);
  else
    return false;
  return true;
}

Metrics measure_as(const Answers& answers, const ModelInfo& info) {
  return info.activation == Activation::kSigmoid
             ? measure_multi_label(answers, info.thresholds)
             : measure(answers, info.temperature);
}

std::vector<ReportPicture> mistakes_of(Answers answers,
                                       const Dataset& validation,
                                       const ModelInfo& info,
                                       const fs::path& bundle) {
  constexpr std::size_t kShown = 24;
  answers.logits = softmax_logits(std::move(answers.logits), info);
  return report_mistakes(answers, kShown, validation, info.classes,
                         info.activation, info.thresholds, heat_mapper(bundle));
}

}  // namespace

Metrics write_run_report(const Dataset& training, const Dataset& validation,
                         const TrainOptions& options, const History& history,
                         Team& team) {
  const fs::path bundle = options.output / "best.safetensors";
  BestModel best = share_best(training, options, bundle, team);
  PictureSource source(validation, options.preprocessing,
                       evaluation_loader(options, team.rank(), team.size()));
  const Answers answers = answer_all(
      source, validation,
      [&](const torch::Tensor& inputs) { return best.module->forward(inputs); },
      team);
  const std::vector<SkippedPicture> all_skipped =
      skipped_of_all(team, source.skipped());
  if (!team.leads())
    return {};
  if (calibrate(answers, options, best.info))
    write_described_anew(bundle, open_bundle(bundle), best.info);

  Report report = report_of(training, options, best.info, history);
  report.metrics = measure_as(answers, best.info);
  report.answers = answers;
  report.mistakes = mistakes_of(answers, validation, best.info, bundle);
  for (const SkippedPicture& skipped : all_skipped)
    report.problems.push_back({skipped.name, skipped.reason});
  write_text_file(options.output / "metrics.json",
                  to_json(report.metrics, best.info.classes));
  write_text_file(
      options.output / "predictions.csv",
      predictions_csv(answers, validation, best.info.classes,
                      best.info.thresholds, confidences(answers, best.info)));
  write_text_file(options.output / "report.html", to_html(report));
  return report.metrics;
}

}  // namespace torchclassify
