// SPDX-License-Identifier: LGPL-2.1-or-later
// Metrics as the object of metrics.json.
#include <nlohmann/json.hpp>

#include "torchclassify/error.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {
namespace {

nlohmann::json json_of(const Scores& scores) {
  return {{"precision", scores.precision},
          {"recall", scores.recall},
          {"f1", scores.f1}};
}

nlohmann::json json_of(const ClassScores& scores, const std::string& label) {
  auto entry = json_of(static_cast<const Scores&>(scores));
  entry["label"] = label;
  entry["support"] = scores.support;
  entry["average_precision"] = scores.average_precision;  // NaN: null
  entry["roc_auc"] = scores.roc_auc;
  return entry;
}

}  // namespace

std::string to_json(const Metrics& metrics,
                    const std::vector<std::string>& labels) {
  if (labels.size() != metrics.per_class.size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::to_string(metrics.per_class.size()) +
                    " class names, got " + std::to_string(labels.size()));

  auto per_class = nlohmann::json::array();
  for (std::size_t i = 0; i < labels.size(); ++i)
    per_class.push_back(json_of(metrics.per_class[i], labels[i]));
  const nlohmann::json object = {
      {"accuracy", metrics.accuracy},
      {"top5_accuracy", metrics.top5_accuracy},
      {"balanced_accuracy", metrics.balanced_accuracy},
      {"loss", metrics.loss},
      {"ece", metrics.ece},
      {"kappa", metrics.kappa},
      {"mcc", metrics.mcc},
      {"micro", json_of(metrics.micro)},
      {"macro", json_of(metrics.macro)},
      {"weighted", json_of(metrics.weighted)},
      {"mean_average_precision", metrics.mean_average_precision},
      {"mean_roc_auc", metrics.mean_roc_auc},
      {"per_class", std::move(per_class)},
      {"confusion", metrics.confusion},
  };
  // Names may come from folders, which may have any bytes.
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace torchclassify
