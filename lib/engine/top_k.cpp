// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/top_k.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace torchclassify {
namespace {

// A class's confidence from its logit.
class ConfidenceOf {
 public:
  ConfidenceOf(std::span<const float> logits, Activation activation,
               double temperature)
      : activation_(activation), temperature_(temperature) {
    if (activation != Activation::kSoftmax || logits.empty())
      return;
    largest_ = *std::max_element(logits.begin(), logits.end());
    sum_ = 0;
    for (const float logit : logits)
      sum_ += std::exp((logit - largest_) / temperature);
  }

  float operator()(double logit) const {
    return static_cast<float>(exact(logit));
  }

 private:
  double exact(double logit) const {
    switch (activation_) {
      case Activation::kSoftmax:
        return std::exp((logit - largest_) / temperature_) / sum_;
      case Activation::kSigmoid:
        return 1.0 / (1.0 + std::exp(-logit / temperature_));
      case Activation::kNone:
        break;
    }
    return logit / temperature_;
  }

  const Activation activation_;
  const double temperature_;
  double largest_ = 0;
  double sum_ = 1;
};

}  // namespace

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

std::vector<float> confidences(std::span<const float> logits,
                               Activation activation, double temperature) {
  const ConfidenceOf confidence(logits, activation, temperature);
  std::vector<float> all(logits.size());
  std::transform(logits.begin(), logits.end(), all.begin(), confidence);
  return all;
}

std::vector<Prediction> top_k(std::span<const float> logits,
                              Activation activation, double temperature,
                              std::size_t k) {
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  k = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<long>(k),
                    order.end(), [&logits](int a, int b) {
                      return logits[a] != logits[b] ? logits[a] > logits[b]
                                                    : a < b;
                    });
  if (k == 0)
    return {};
  const ConfidenceOf confidence(logits, activation, temperature);
  std::vector<Prediction> top(k);
  for (std::size_t i = 0; i < k; ++i)
    top[i] = {order[i], confidence(logits[order[i]])};
  return top;
}

}  // namespace torchclassify
