// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether confidences mean what they say, and how to make them ("On
// Calibration of Modern Neural Networks", Guo et al. 2017).
#pragma once

#include <cstdint>
#include <vector>

#include "torchclassify/train/answers.h"

namespace torchclassify {

struct ReliabilityBin {
  double confidence = 0;   // mean of the answers in it
  double accuracy = 0;     // share of them that is right
  std::int64_t count = 0;  // 0: both above are 0
};

// Equal bins (low, high] of the confidence in the predicted class. Of answers
// with targets: of each label's probability, and whether the label is there.
// Throws Error kInvalidArgument for a temperature or a number of bins that is
// not above 0.
std::vector<ReliabilityBin> reliability(const Answers& answers,
                                        double temperature = 1, int bins = 15);
// Mean distance of accuracy and confidence, by count.
double expected_calibration_error(const std::vector<ReliabilityBin>& bins);

inline constexpr double kLowestTemperature = 0.05;
inline constexpr double kHighestTemperature = 20;

// The temperature, between these two, that divides logits to the least mean
// cross-entropy, of answers with targets the binary one. 1 without answers, and
// where nothing depends on it.
double fit_temperature(const Answers& answers);

// Per class the threshold on its probability with the largest F1: for softmax
// one against the rest. It lies in the middle between the least probability
// that is predicted and the next one, so that rounding changes nothing. 0.5 for
// a class that no picture has.
std::vector<float> fit_thresholds(const Answers& answers,
                                  Activation activation);

}  // namespace torchclassify
