// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/class_weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr double kEffectiveBeta = 0.9999;

std::vector<double> balanced(const std::vector<std::int64_t>& counts) {
  const auto total = static_cast<double>(
      std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<double> weights;
  for (const std::int64_t count : counts)
    weights.push_back(count == 0 ? 0
                                 : total / (static_cast<double>(counts.size()) *
                                            static_cast<double>(count)));
  return weights;
}

std::vector<double> effective(const std::vector<std::int64_t>& counts) {
  std::vector<double> weights;
  for (const std::int64_t count : counts)
    weights.push_back(
        count == 0
            ? 0
            : (1 - kEffectiveBeta) /
                  (1 - std::pow(kEffectiveBeta, static_cast<double>(count))));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights)
    weight *= static_cast<double>(counts.size()) / sum;
  return weights;
}

void check_given(const std::vector<double>& weights, std::size_t classes) {
  if (weights.size() != classes)
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::to_string(classes) + " class weights, got " +
                    std::to_string(weights.size()));
  for (const double weight : weights) {
    if (!(weight > 0 && std::isfinite(weight)))
      throw Error(
          ErrorCode::kInvalidArgument,
          "expected positive class weights, got " + std::to_string(weight));
  }
}

}  // namespace

std::vector<std::int64_t> class_counts(const Dataset& dataset) {
  std::vector<std::int64_t> counts(dataset.classes().size());
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    for (const int label : dataset.labels(i))
      ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

std::vector<double> class_weights(const LossOptions& options,
                                  const std::vector<std::int64_t>& counts) {
  switch (options.class_weights) {
    case ClassWeights::kBalanced:
      return balanced(counts);
    case ClassWeights::kEffective:
      return effective(counts);
    case ClassWeights::kGiven:
      check_given(options.weights, counts.size());
      return options.weights;
    case ClassWeights::kNone:
      break;
  }
  return {};
}

}  // namespace torchclassify
