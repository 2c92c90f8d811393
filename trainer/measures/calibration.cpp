// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/calibration.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "measures/decisions.h"
#include "measures/softmax.h"
#include "torchclassify/error.h"
#include "torchclassify/train/curves.h"

namespace torchclassify {
namespace {

void add(double confidence, bool right, std::vector<ReliabilityBin>& bins) {
  const auto count = static_cast<double>(bins.size());
  // Bins are (low, high], as in the paper that defined the measure.
  const double index =
      std::clamp(std::ceil(confidence * count) - 1, 0.0, count - 1);
  ReliabilityBin& bin = bins[static_cast<std::size_t>(index)];
  bin.confidence += confidence;
  bin.accuracy += right;
  ++bin.count;
}

// First and second derivative of the summed cross-entropy by the inverse of the
// temperature, in which it is convex.
struct Slope {
  double first = 0;
  double second = 0;
};

void add_softmax_slope(std::span<const float> logits, std::size_t truth,
                       double temperature, Slope& slope) {
  const Softmax softmax(logits, temperature);
  double mean = 0;
  double mean_square = 0;
  // From the truth's logit, so that differences are summed: no cancellation.
  for (const float logit : logits) {
    const double p = softmax.probability(logit);
    const double distance = static_cast<double>(logit) - logits[truth];
    mean += p * distance;
    mean_square += p * distance * distance;
  }
  slope.first += mean;
  slope.second += mean_square - mean * mean;
}

void add_sigmoid_slope(double logit, bool target, double temperature,
                       Slope& slope) {
  const double p = sigmoid(logit / temperature);
  slope.first += (target ? p - 1 : p) * logit;
  slope.second += p * (1 - p) * logit * logit;
}

Slope slope_at(const Answers& answers, double temperature) {
  Slope slope;
  if (answers.targets.empty()) {
    for (std::size_t i = 0; i < answers.size(); ++i)
      add_softmax_slope(answers.row(i),
                        static_cast<std::size_t>(answers.truth[i]), temperature,
                        slope);
  } else {
    for (std::size_t i = 0; i < answers.logits.size(); ++i)
      add_sigmoid_slope(answers.logits[i], answers.targets[i] != 0, temperature,
                        slope);
  }
  return slope;
}

// Newton's method, by halves where it would leave the bracket.
double find_minimum(const Answers& answers, double low, double high) {
  constexpr int kMostSteps = 200;
  constexpr double kEnough = 1e-14;
  double inverse = 1;
  for (int i = 0; i < kMostSteps && high - low > kEnough * high; ++i) {
    const Slope slope = slope_at(answers, 1 / inverse);
    if (slope.first == 0)
      break;
    (slope.first > 0 ? high : low) = inverse;
    const double next = inverse - slope.first / slope.second;
    const bool inside = next > low && next < high;  // false for NaN
    const double before = inverse;
    inverse = inside ? next : (low + high) / 2;
    if (std::abs(inverse - before) <= kEnough * inverse)
      break;
  }
  return inverse;
}

// Half-way from a threshold to the largest score below it, if there is one.
float between(const std::vector<double>& scores, double threshold) {
  double below = -1;
  for (const double score : scores) {
    if (score < threshold)
      below = std::max(below, score);
  }
  const double middle = below < 0 ? threshold : (below + threshold) / 2;
  const auto rounded = static_cast<float>(middle);
  // The score at the threshold has to reach it.
  return rounded > threshold ? std::nextafter(rounded, 0.0f) : rounded;
}

}  // namespace

std::vector<ReliabilityBin> reliability(const Answers& answers,
                                        double temperature, int bins) {
  check_temperature(temperature);
  if (bins < 1)
    throw Error(ErrorCode::kInvalidArgument,
                "expected at least one bin, got " + std::to_string(bins));
  check_labels(answers);
  std::vector<ReliabilityBin> result(static_cast<std::size_t>(bins));
  if (answers.targets.empty()) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto logits = answers.row(i);
      const std::size_t predicted = predicted_class(logits);
      add(Softmax(logits, temperature).probability(logits[predicted]),
          predicted == static_cast<std::size_t>(answers.truth[i]), result);
    }
  } else {
    for (std::size_t i = 0; i < answers.logits.size(); ++i)
      add(sigmoid(answers.logits[i] / temperature), answers.targets[i] != 0,
          result);
  }
  for (ReliabilityBin& bin : result) {
    const auto count =
        static_cast<double>(std::max<std::int64_t>(bin.count, 1));
    bin.confidence /= count;
    bin.accuracy /= count;
  }
  return result;
}

double expected_calibration_error(const std::vector<ReliabilityBin>& bins) {
  double error = 0;
  double total = 0;
  for (const ReliabilityBin& bin : bins) {
    const auto count = static_cast<double>(bin.count);
    error += std::abs(bin.confidence - bin.accuracy) * count;
    total += count;
  }
  return total > 0 ? error / total : 0;
}

double fit_temperature(const Answers& answers) {
  check_labels(answers);
  const double at_highest = slope_at(answers, kHighestTemperature).first;
  const double at_lowest = slope_at(answers, kLowestTemperature).first;
  if (at_highest == 0 && at_lowest == 0)
    return 1;  // nothing depends on it
  if (at_highest >= 0)
    return kHighestTemperature;
  if (at_lowest <= 0)
    return kLowestTemperature;
  return 1 /
         find_minimum(answers, 1 / kHighestTemperature, 1 / kLowestTemperature);
}

std::vector<float> fit_thresholds(const Answers& answers,
                                  Activation activation) {
  check_labels(answers);
  const ClassDecider decider(answers, activation, /*temperature=*/1);
  std::vector<float> thresholds;
  for (std::size_t label = 0; label < answers.classes; ++label) {
    const auto [truth, scores] = decider.of_class(label);
    thresholds.push_back(between(scores, best_f1_threshold(truth, scores)));
  }
  return thresholds;
}

}  // namespace torchclassify
