// SPDX-License-Identifier: LGPL-2.1-or-later
#include "distributed/answer_rows.h"

#include <algorithm>
#include <span>

#include <torch/torch.h>

namespace torchclassify {
namespace {

// Where an answer is.
struct Place {
  std::int64_t index;
  const AnswerRows* part;
  std::size_t row;
};

std::vector<Place> in_order(const std::vector<AnswerRows>& parts) {
  std::vector<Place> places;
  for (const AnswerRows& part : parts) {
    const std::int64_t* numbers = part.numbers.data_ptr<std::int64_t>();
    for (std::size_t row = 0; row < part.size; ++row)
      places.push_back({numbers[2 * row], &part, row});
  }
  std::stable_sort(
      places.begin(), places.end(),
      [](const Place& a, const Place& b) { return a.index < b.index; });
  return places;
}

}  // namespace

AnswerRows rows_of(const Answers& answers, std::int64_t length, bool several) {
  const auto classes = static_cast<std::int64_t>(answers.classes);
  AnswerRows rows{torch::zeros({length, classes}, torch::kFloat32),
                  torch::zeros({length, 2}, torch::kInt64), torch::Tensor(),
                  answers.size()};
  std::copy(answers.logits.begin(), answers.logits.end(),
            rows.logits.data_ptr<float>());
  std::int64_t* numbers = rows.numbers.data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    numbers[2 * i] = static_cast<std::int64_t>(answers.indices[i]);
    numbers[2 * i + 1] = several ? 0 : answers.truth[i];
  }
  if (several) {
    rows.targets = torch::zeros({length, classes}, torch::kUInt8);
    std::copy(answers.targets.begin(), answers.targets.end(),
              rows.targets.data_ptr<std::uint8_t>());
  }
  return rows;
}

Answers merged(const std::vector<AnswerRows>& parts, std::size_t classes) {
  Answers answers;
  answers.classes = classes;
  for (const auto& [index, part, row] : in_order(parts)) {
    const std::span<const float> scores(
        part->logits.data_ptr<float>() + row * classes, classes);
    const auto number = static_cast<std::size_t>(index);
    if (part->targets.defined())
      answers.add(
          number,
          std::span<const std::uint8_t>(
              part->targets.data_ptr<std::uint8_t>() + row * classes, classes),
          scores);
    else
      answers.add(
          number,
          static_cast<int>(part->numbers.data_ptr<std::int64_t>()[2 * row + 1]),
          scores);
  }
  return answers;
}

}  // namespace torchclassify
