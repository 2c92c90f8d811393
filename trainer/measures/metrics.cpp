// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/metrics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr std::size_t kCalibrationBins = 15;

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// log(sum(exp(logits))) without overflow.
double log_sum_exp(const std::vector<float>& logits) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

// How many classes come before truth; equal ones in the order of their ids.
std::size_t rank_of(std::size_t truth, const std::vector<float>& logits) {
  std::size_t rank = 0;
  for (std::size_t i = 0; i < logits.size(); ++i)
    rank +=
        logits[i] > logits[truth] || (logits[i] == logits[truth] && i < truth);
  return rank;
}

std::size_t bin_of(double confidence) {
  // Bins are (low, high], as in the paper that defined the measure.
  const double bin = std::ceil(confidence * kCalibrationBins) - 1;
  return static_cast<std::size_t>(
      std::clamp(bin, 0.0, static_cast<double>(kCalibrationBins - 1)));
}

void add_weighted(Scores& sum, const Scores& scores, double weight) {
  sum.precision += scores.precision * weight;
  sum.recall += scores.recall * weight;
  sum.f1 += scores.f1 * weight;
}

nlohmann::json json_of(const Scores& scores) {
  return {{"precision", scores.precision},
          {"recall", scores.recall},
          {"f1", scores.f1}};
}

}  // namespace

std::vector<float> softmax_logits(std::vector<float> scores,
                                  const ModelInfo& model) {
  constexpr float kLeast = 1e-12f;  // a probability of 0 has no logarithm
  const bool probabilities =
      model.activation == Activation::kNone &&
      std::ranges::all_of(scores, [](float p) { return p >= 0 && p <= 1; });
  for (float& score : scores) {
    score = static_cast<float>(score / model.temperature);
    if (probabilities)
      score = std::log(std::max(score, kLeast));
  }
  return scores;
}

MetricsBuilder::MetricsBuilder(std::size_t classes)
    : confusion_(classes, std::vector<std::int64_t>(classes)),
      bin_count_(kCalibrationBins),
      bin_confidence_(kCalibrationBins),
      bin_correct_(kCalibrationBins) {
  if (classes == 0)
    throw Error(ErrorCode::kInvalidArgument,
                "expected at least one class to measure, got none");
}

void MetricsBuilder::add(int truth, const std::vector<float>& logits) {
  if (logits.size() != confusion_.size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::to_string(confusion_.size()) +
                    " logits, got " + std::to_string(logits.size()));
  if (truth < 0 || static_cast<std::size_t>(truth) >= logits.size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected a label id below " + std::to_string(logits.size()) +
                    ", got " + std::to_string(truth));
  if (!std::all_of(logits.begin(), logits.end(),
                   [](float logit) { return std::isfinite(logit); }))
    throw Error(ErrorCode::kInvalidArgument,
                "expected finite logits, got NaN or Inf");

  const auto best = std::max_element(logits.begin(), logits.end());
  const auto predicted = static_cast<std::size_t>(best - logits.begin());
  const auto expected = static_cast<std::size_t>(truth);
  const double log_sum = log_sum_exp(logits);
  const double confidence = std::exp(*best - log_sum);
  const std::size_t bin = bin_of(confidence);

  ++count_;
  ++confusion_[expected][predicted];
  top5_ += rank_of(expected, logits) < 5;
  loss_ += log_sum - logits[expected];
  ++bin_count_[bin];
  bin_confidence_[bin] += confidence;
  bin_correct_[bin] += predicted == expected;
}

Metrics MetricsBuilder::finish() const {
  Metrics metrics;
  const std::size_t classes = confusion_.size();
  metrics.confusion = confusion_;
  metrics.per_class.resize(classes);
  if (count_ == 0)
    return metrics;

  const auto total = static_cast<double>(count_);
  std::int64_t hits = 0;
  int with_support = 0;
  int seen = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    std::int64_t predicted = 0;
    ClassScores& scores = metrics.per_class[i];
    for (std::size_t j = 0; j < classes; ++j) {
      scores.support += confusion_[i][j];
      predicted += confusion_[j][i];
    }
    const std::int64_t hit = confusion_[i][i];
    const auto hit_count = static_cast<double>(hit);
    const auto support = static_cast<double>(scores.support);
    scores.precision = ratio(hit_count, static_cast<double>(predicted));
    scores.recall = ratio(hit_count, support);
    scores.f1 = ratio(2 * hit_count, support + static_cast<double>(predicted));

    hits += hit;
    with_support += scores.support > 0;
    seen += scores.support + predicted > 0;
    metrics.balanced_accuracy += scores.recall;
    add_weighted(metrics.macro, scores, 1);
    add_weighted(metrics.weighted, scores, support / total);
  }
  metrics.accuracy = static_cast<double>(hits) / total;
  metrics.top5_accuracy = static_cast<double>(top5_) / total;
  metrics.loss = loss_ / total;
  metrics.balanced_accuracy /= with_support;
  metrics.macro.precision /= seen;
  metrics.macro.recall /= seen;
  metrics.macro.f1 /= seen;
  for (std::size_t bin = 0; bin < kCalibrationBins; ++bin)
    metrics.ece += std::abs(bin_confidence_[bin] - bin_correct_[bin]) / total;
  return metrics;
}

std::string to_json(const Metrics& metrics,
                    const std::vector<std::string>& labels) {
  if (labels.size() != metrics.per_class.size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected " + std::to_string(metrics.per_class.size()) +
                    " class names, got " + std::to_string(labels.size()));

  auto per_class = nlohmann::json::array();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    auto entry = json_of(metrics.per_class[i]);
    entry["label"] = labels[i];
    entry["support"] = metrics.per_class[i].support;
    per_class.push_back(std::move(entry));
  }
  const nlohmann::json object = {
      {"accuracy", metrics.accuracy},
      {"top5_accuracy", metrics.top5_accuracy},
      {"balanced_accuracy", metrics.balanced_accuracy},
      {"loss", metrics.loss},
      {"ece", metrics.ece},
      {"macro", json_of(metrics.macro)},
      {"weighted", json_of(metrics.weighted)},
      {"per_class", std::move(per_class)},
      {"confusion", metrics.confusion},
  };
  return object.dump(2) + "\n";
}

}  // namespace torchclassify
