// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/top_k.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace torchclassify {
namespace {

double softmax_sum(std::span<const float> logits, double largest,
                   double temperature) {
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp((logit - largest) / temperature);
  return sum;
}

}  // namespace

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
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

  const double largest = logits[order[0]];
  const double sum = activation == Activation::kSoftmax
                         ? softmax_sum(logits, largest, temperature)
                         : 1.0;
  const auto confidence = [&](double logit) {
    switch (activation) {
      case Activation::kSoftmax:
        return std::exp((logit - largest) / temperature) / sum;
      case Activation::kSigmoid:
        return 1.0 / (1.0 + std::exp(-logit / temperature));
      case Activation::kNone:
        break;
    }
    return logit / temperature;
  };
  std::vector<Prediction> top(k);
  for (std::size_t i = 0; i < k; ++i)
    top[i] = {order[i], static_cast<float>(confidence(logits[order[i]]))};
  return top;
}

}  // namespace torchclassify
