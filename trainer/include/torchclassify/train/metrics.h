// SPDX-License-Identifier: LGPL-2.1-or-later
// What a classifier got right and wrong, as scikit-learn counts it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"

namespace torchclassify {

struct Scores {
  double precision = 0;  // 0 where nothing was predicted
  double recall = 0;     // 0 where nothing was there
  double f1 = 0;
};

struct ClassScores : Scores {
  std::int64_t support = 0;  // pictures of this class
};

struct Metrics {
  double accuracy = 0;
  double top5_accuracy = 0;      // 1 with five classes or fewer
  double balanced_accuracy = 0;  // mean recall of the classes with support
  double loss = 0;               // mean cross-entropy, nats
  double ece = 0;                // expected calibration error, 15 equal bins
  Scores macro;                  // over classes that occur or were predicted
  Scores weighted;               // by support
  std::vector<ClassScores> per_class;
  std::vector<std::vector<std::int64_t>> confusion;  // [truth][predicted]
};

// Logits whose softmax gives the confidences that a user of the model sees:
// divided by its temperature, or, where it gives probabilities itself, their
// logarithms. Scores that are neither stay as they are.
std::vector<float> softmax_logits(std::vector<float> scores,
                                  const ModelInfo& model);

// Collects one answer after the other.
class MetricsBuilder {
 public:
  explicit MetricsBuilder(std::size_t classes);

  // logits: one per class; truth: label id. Throws Error kInvalidArgument.
  void add(int truth, const std::vector<float>& logits);
  std::int64_t count() const { return count_; }
  Metrics finish() const;  // all zero without answers

 private:
  std::vector<std::vector<std::int64_t>> confusion_;
  std::vector<std::int64_t> bin_count_;
  std::vector<double> bin_confidence_;
  std::vector<double> bin_correct_;
  std::int64_t count_ = 0;
  std::int64_t top5_ = 0;
  double loss_ = 0;
};

// The object of evaluate's metrics.json; labels has one name per class.
std::string to_json(const Metrics& metrics,
                    const std::vector<std::string>& labels);

}  // namespace torchclassify
