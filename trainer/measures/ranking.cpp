// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes first: classes of an answer, errors of a model.
#include <algorithm>
#include <tuple>
#include <utility>

#include "measures/decisions.h"
#include "measures/softmax.h"
#include "torchclassify/train/metrics.h"

namespace torchclassify {
namespace {

// Cross-entropy; of several labels the sum.
double loss_of(const Answers& answers, std::size_t i) {
  const auto logits = answers.row(i);
  if (answers.targets.empty())
    return Softmax(logits, /*temperature=*/1)
        .loss(logits[static_cast<std::size_t>(answers.truth[i])]);
  double loss = 0;
  for (std::size_t label = 0; label < answers.classes; ++label)
    loss += sigmoid_loss(logits[label], has_class(answers, i, label));
  return loss;
}

bool is_wrong(const Answers& answers, std::size_t i,
              const std::vector<float>& thresholds) {
  const auto logits = answers.row(i);
  if (answers.targets.empty())
    return predicted_class(logits) !=
           static_cast<std::size_t>(answers.truth[i]);
  for (std::size_t label = 0; label < answers.classes; ++label) {
    if (is_predicted(logits[label], label, thresholds) !=
        has_class(answers, i, label))
      return true;
  }
  return false;
}

}  // namespace

std::vector<double> top_k_accuracy(const Answers& answers, std::size_t most) {
  check_single_label(answers);
  std::vector<double> shares(std::min(most, answers.classes));
  if (answers.size() == 0)
    return shares;
  std::vector<std::int64_t> hits(answers.classes);  // by rank
  for (std::size_t i = 0; i < answers.size(); ++i)
    ++hits[rank_of(static_cast<std::size_t>(answers.truth[i]), answers.row(i))];
  std::int64_t so_far = 0;
  for (std::size_t k = 0; k < shares.size(); ++k) {
    so_far += hits[k];
    shares[k] =
        static_cast<double>(so_far) / static_cast<double>(answers.size());
  }
  return shares;
}

std::vector<ConfusedPair> most_confused(const Metrics& metrics,
                                        std::size_t limit) {
  std::vector<ConfusedPair> pairs;
  for (std::size_t i = 0; i < metrics.confusion.size(); ++i) {
    for (std::size_t j = 0; j < metrics.confusion.size(); ++j) {
      if (i != j && metrics.confusion[i][j] > 0)
        pairs.push_back({static_cast<int>(i), static_cast<int>(j),
                         metrics.confusion[i][j]});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
    return std::tuple(-a.count, a.truth, a.predicted) <
           std::tuple(-b.count, b.truth, b.predicted);
  });
  pairs.resize(std::min(limit, pairs.size()));
  return pairs;
}

std::vector<std::size_t> worst_answers(const Answers& answers,
                                       std::size_t limit,
                                       const std::vector<float>& thresholds) {
  check_labels(answers);
  if (!answers.targets.empty())
    check_thresholds(thresholds, answers.classes);
  std::vector<std::pair<double, std::size_t>> wrong;  // -loss, position
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (is_wrong(answers, i, thresholds))
      wrong.emplace_back(-loss_of(answers, i), i);
  }
  std::sort(wrong.begin(), wrong.end());
  wrong.resize(std::min(limit, wrong.size()));
  std::vector<std::size_t> positions;
  for (const auto& [loss, position] : wrong) positions.push_back(position);
  return positions;
}

}  // namespace torchclassify
