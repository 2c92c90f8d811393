// SPDX-License-Identifier: LGPL-2.1-or-later
#include "commands/evaluation_refit.h"

#include <string>
#include <utility>

#include "formats/bundle.h"
#include "formatted.h"
#include "torchclassify/error.h"
#include "torchclassify/train/calibration.h"

namespace torchclassify {
namespace {

// A sigmoid answers yes or no for each class, whatever set it is asked about.
Answers as_targets(const Answers& answers) {
  Answers several = answers;
  several.truth.clear();
  several.targets.assign(answers.logits.size(), 0);
  for (std::size_t i = 0; i < answers.size(); ++i)
    several.targets[i * answers.classes +
                    static_cast<std::size_t>(answers.truth[i])] = 1;
  return several;
}

Answers cooled(Answers answers, double temperature) {
  for (float& logit : answers.logits)
    logit = static_cast<float>(logit / temperature);
  return answers;
}

// At an end of its range a temperature says nothing about the model: answers
// that are all right have the lowest, whatever the model.
double fitted_temperature(const Answers& answers, const std::string& origin) {
  const double factor = fit_temperature(answers);
  if (factor <= kLowestTemperature || factor >= kHighestTemperature)
    throw Error(
        ErrorCode::kBadData,
        "expected right and wrong answers to fit a temperature to, got "
        "a best one beyond " +
            formatted("%g to %g: ", kLowestTemperature, kHighestTemperature) +
            origin);
  return factor;
}

Metrics measure_as(const ModelInfo& info, const Answers& answers) {
  return info.activation == Activation::kSigmoid
             ? measure_multi_label(answers, info.thresholds)
             : measure(answers);
}

}  // namespace

void check_refit(const ModelInfo& info, const RefitChoices& choices) {
  if (choices.temperature && info.activation == Activation::kNone)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a model with softmax or sigmoid to calibrate, got "
                "one without either");
  if (choices.thresholds && info.activation != Activation::kSigmoid)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a model with sigmoid to fit thresholds for, got one "
                "without");
}

Refit refit(const Evaluation& evaluation, const RefitChoices& choices) {
  const bool sigmoid = evaluation.info.activation == Activation::kSigmoid;
  Answers answers = sigmoid && !evaluation.multi_label()
                        ? as_targets(evaluation.answers)
                        : evaluation.answers;
  Refit result{.info = evaluation.info};
  const Metrics before = measure_as(result.info, answers);
  if (choices.temperature) {
    const double factor = fitted_temperature(answers, evaluation.data_path);
    result.info.temperature *= factor;
    answers = cooled(std::move(answers), factor);
  }
  if (choices.thresholds)
    result.info.thresholds = fit_thresholds(answers, Activation::kSigmoid);
  const Metrics after = measure_as(result.info, answers);
  result.loss_before = before.loss;
  result.loss_after = after.loss;
  result.ece_before = before.ece;
  result.ece_after = after.ece;
  result.macro_f1_before = before.macro.f1;
  result.macro_f1_after = after.macro.f1;
  return result;
}

void write_refitted(const std::filesystem::path& model_file,
                    const ModelInfo& info,
                    const std::filesystem::path& output) {
  const Bundle bundle = open_bundle(model_file);
  ModelInfo refitted = bundle.info;
  refitted.temperature = info.temperature;
  refitted.thresholds = info.thresholds;
  write_described_anew(output, bundle, refitted);
}

}  // namespace torchclassify
