// SPDX-License-Identifier: LGPL-2.1-or-later
// Logits to probabilities and losses, in double and without overflow.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace torchclassify {

// Of one answer: not empty, finite. temperature > 0.
class Softmax {
 public:
  Softmax(std::span<const float> logits, double temperature)
      : temperature_(temperature),
        largest_(*std::max_element(logits.begin(), logits.end()) /
                 temperature) {
    for (const float logit : logits)
      sum_ += std::exp(logit / temperature_ - largest_);
  }

  double probability(float logit) const {
    return std::exp(logit / temperature_ - largest_) / sum_;
  }
  // -log of the same, which does not end at the smallest number.
  double loss(float logit) const {
    return largest_ + std::log(sum_) - logit / temperature_;
  }

 private:
  double temperature_;
  double largest_;
  double sum_ = 0;
};

inline double sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

// Binary cross-entropy of a logit.
inline double sigmoid_loss(double logit, bool target) {
  return std::max(logit, 0.0) - (target ? logit : 0.0) +
         std::log1p(std::exp(-std::abs(logit)));
}

}  // namespace torchclassify
