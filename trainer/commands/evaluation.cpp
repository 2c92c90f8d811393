// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/evaluation.h"

#include <nlohmann/json.hpp>

#include "engine/model_kind.h"
#include "explain/mistake_heat.h"
#include "formats/atomic_file.h"
#include "formatted.h"
#include "measures/mistakes.h"
#include "measures/predictions_csv.h"

namespace torchclassify {
namespace {

std::string scores_line(const char* name, const Scores& scores) {
  return formatted("%s precision=%.4f recall=%.4f f1=%.4f\n", name,
                   scores.precision, scores.recall, scores.f1);
}

std::string refit_lines(const Evaluation& evaluation) {
  const Refit& refit = *evaluation.refit;
  std::string text = formatted(
      "temperature=%.6g loss_before=%.4f loss_after=%.4f ece_before=%.4f "
      "ece_after=%.4f\n",
      refit.info.temperature, refit.loss_before, refit.loss_after,
      refit.ece_before, refit.ece_after);
  if (refit.info.activation == Activation::kSigmoid)
    text += formatted("thresholds macro_f1_before=%.4f macro_f1_after=%.4f\n",
                      refit.macro_f1_before, refit.macro_f1_after);
  return text;
}

nlohmann::json json_of(const Refit& refit) {
  nlohmann::json object = {{"temperature", refit.info.temperature},
                           {"loss_before", refit.loss_before},
                           {"loss_after", refit.loss_after},
                           {"ece_before", refit.ece_before},
                           {"ece_after", refit.ece_after}};
  if (refit.info.activation == Activation::kSigmoid) {
    object["thresholds"] = refit.info.thresholds;
    object["macro_f1_before"] = refit.macro_f1_before;
    object["macro_f1_after"] = refit.macro_f1_after;
  }
  return object;
}

std::vector<ReportPicture> mistakes_of(const Evaluation& evaluation,
                                       const Dataset& data, std::size_t limit,
                                       Activation activation) {
  // A model that is code has none.
  const bool heat = model_kind(evaluation.model_file) == ModelKind::kBundle;
  return report_mistakes(
      evaluation.answers, limit, data, evaluation.labels, activation,
      evaluation.info.thresholds,
      heat ? heat_mapper(evaluation.model_file) : HeatMapper());
}

Report report_of(const Evaluation& evaluation, const Dataset& data,
                 std::size_t mistakes) {
  Report report{
      .title = "Evaluation of " + evaluation.model_file,
      .facts = {{"Architecture", evaluation.info.architecture},
                {"Data", evaluation.data_path},
                {"Pictures", std::to_string(evaluation.answers.size())}},
      .classes = evaluation.labels,
      .metrics = evaluation.metrics,
      .answers = evaluation.answers,
      .activation = evaluation.multi_label() ? Activation::kSigmoid
                                             : Activation::kSoftmax,
      .thresholds = evaluation.info.thresholds,
      .problems = evaluation.problems};
  if (evaluation.refit)
    report.facts.emplace_back(
        "Better temperature",
        formatted("%.6g: ECE %.4f instead of %.4f",
                  evaluation.refit->info.temperature,
                  evaluation.refit->ece_after, evaluation.refit->ece_before));
  report.mistakes = mistakes_of(evaluation, data, mistakes, report.activation);
  return report;
}

}  // namespace

std::string summary(const Evaluation& evaluation) {
  const Metrics& metrics = evaluation.metrics;
  std::string text = formatted(
      "pictures=%zu accuracy=%.4f top5_accuracy=%.4f balanced_accuracy=%.4f "
      "loss=%.4f ece=%.4f\n",
      evaluation.answers.size(), metrics.accuracy, metrics.top5_accuracy,
      metrics.balanced_accuracy, metrics.loss, metrics.ece);
  if (evaluation.multi_label())
    text = formatted(
        "pictures=%zu accuracy=%.4f mean_average_precision=%.4f loss=%.4f "
        "ece=%.4f\n",
        evaluation.answers.size(), metrics.accuracy,
        metrics.mean_average_precision, metrics.loss, metrics.ece);
  if (evaluation.multi_label())
    text += scores_line("micro", metrics.micro);
  text += scores_line("macro", metrics.macro) +
          scores_line("weighted", metrics.weighted);
  if (evaluation.refit)
    text += refit_lines(evaluation);
  for (const ReportProblem& problem : evaluation.problems)
    text += "skipped " + problem.name + ": " + problem.reason + "\n";
  return text;
}

std::string metrics_json(const Evaluation& evaluation) {
  auto object =
      nlohmann::json::parse(to_json(evaluation.metrics, evaluation.labels));
  if (!evaluation.multi_label())
    object["topk"] = evaluation.topk;
  if (evaluation.refit)
    object["refit"] = json_of(*evaluation.refit);
  object["skipped"] = nlohmann::json::array();
  for (const ReportProblem& problem : evaluation.problems)
    object["skipped"].push_back(
        {{"path", problem.name}, {"error", problem.reason}});
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

void write_reports(const Evaluation& evaluation, const Dataset& data,
                   std::size_t mistakes, const std::filesystem::path& folder) {
  write_text_file(folder / "metrics.json", metrics_json(evaluation));
  write_text_file(
      folder / "predictions.csv",
      predictions_csv(evaluation.answers, data, evaluation.labels,
                      evaluation.info.thresholds, evaluation.confidences));
  write_text_file(folder / "report.html",
                  to_html(report_of(evaluation, data, mistakes)));
}

}  // namespace torchclassify
