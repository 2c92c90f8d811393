// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/validation.h"

#include <span>
#include <utility>

#include <torch/torch.h>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

void add_batch(const TensorBatch& batch, const torch::Tensor& logits,
               const Dataset& dataset, Answers& answers) {
  const torch::Tensor rows =
      logits.to(torch::kCPU, torch::kFloat32).contiguous();
  const bool finite = rows.isfinite().all().item<bool>();
  if (!finite)
    throw Error(ErrorCode::kBadData,
                "expected finite logits, got NaN or Inf in the batch with " +
                    dataset.name(batch.indices.front()));
  const float* row = rows.data_ptr<float>();
  for (std::size_t i = 0; i < batch.size; ++i, row += answers.classes) {
    const std::span<const float> scores(row, answers.classes);
    if (!dataset.multi_label()) {
      answers.add(batch.indices[i], static_cast<int>(batch.labels[i]), scores);
      continue;
    }
    std::vector<std::uint8_t> labels(answers.classes);
    for (const int label : dataset.labels(batch.indices[i]))
      labels[static_cast<std::size_t>(label)] = 1;
    answers.add(batch.indices[i], labels, scores);
  }
}

}  // namespace

Answers answer_all(
    BatchSource& source, const Dataset& dataset,
    const std::function<torch::Tensor(const torch::Tensor&)>& logits_of,
    Team& team) {
  const torch::InferenceMode no_grad;
  Answers answers;
  answers.classes = dataset.classes().size();
  source.start(/*epoch=*/0, /*first_batch=*/0);
  for (std::size_t i = 0; i < source.batches(); ++i) {
    const TensorBatch batch = source.next();
    if (batch.size > 0)
      add_batch(batch, logits_of(batch.inputs), dataset, answers);
  }
  return team.gather(std::move(answers));
}

}  // namespace torchclassify
