// SPDX-License-Identifier: LGPL-2.1-or-later
// What a classifier got right and wrong, as scikit-learn counts it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "torchclassify/train/answers.h"

namespace torchclassify {

struct Scores {
  double precision = 0;  // 0 where nothing was predicted
  double recall = 0;     // 0 where nothing was there
  double f1 = 0;
};

struct ClassScores : Scores {
  std::int64_t support = 0;  // pictures of this class
  // One class against the rest, by its probability. NaN for a class that no
  // picture or every picture has.
  double average_precision = 0;
  double roc_auc = 0;
};

struct Metrics {
  double accuracy = 0;           // multi-label: all labels of a picture right
  double top5_accuracy = 0;      // 1 with five classes or fewer; multi-label: 0
  double balanced_accuracy = 0;  // mean recall of the classes with support
  double loss = 0;               // mean cross-entropy, nats
  double ece = 0;                // expected calibration error, 15 equal bins
  double kappa = 0;              // Cohen's; 0 for a single class
  double mcc = 0;                // Matthews correlation, multiclass
  Scores micro;                  // over all decisions
  Scores macro;                  // over classes that occur or were predicted
  Scores weighted;               // by support
  double mean_average_precision = 0;  // of the classes that have one
  double mean_roc_auc = 0;            // of the classes that have one
  std::vector<ClassScores> per_class;
  // [truth][predicted]; empty for multi-label sets.
  std::vector<std::vector<std::int64_t>> confusion;
};

// All zero without answers. Equal logits: the smaller id is predicted first.
// Throws Error kInvalidArgument for answers with targets instead of labels, or
// a temperature that is not above 0.
Metrics measure(const Answers& answers, double temperature = 1);

// Of answers with targets: a label is predicted where the sigmoid reaches its
// class's threshold (0.5 each if thresholds is empty). loss is the mean binary
// cross-entropy over pictures and classes, ece that of every label's
// probability; kappa and mcc are 0. The macro average is over all classes, as
// scikit-learn's is for such sets. Throws Error kInvalidArgument for answers
// without targets, or another number of thresholds than classes.
Metrics measure_multi_label(const Answers& answers,
                            const std::vector<float>& thresholds);

// Share of pictures whose class is among the k most probable, for k = 1 to
// most, or to the number of classes. Of equal ones the smaller id comes first.
std::vector<double> top_k_accuracy(const Answers& answers, std::size_t most);

struct ConfusedPair {
  int truth = 0;
  int predicted = 0;
  std::int64_t count = 0;
};
// The most frequent errors first; equal ones by ids.
std::vector<ConfusedPair> most_confused(const Metrics& metrics,
                                        std::size_t limit);

// The answers (positions in it) that are wrong, those with the highest loss
// first: what is most worth looking at. Of several labels: those where any is
// wrong, at thresholds as in measure_multi_label(). Equal ones in the order of
// the answers.
std::vector<std::size_t> worst_answers(
    const Answers& answers, std::size_t limit,
    const std::vector<float>& thresholds = {});

// The object of metrics.json; labels has one name per class. What is NaN is
// null. Throws Error kInvalidArgument for another number of labels.
std::string to_json(const Metrics& metrics,
                    const std::vector<std::string>& labels);

}  // namespace torchclassify
