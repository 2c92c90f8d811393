// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/training_step.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <utility>

#include <torch/torch.h>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr double kLeastScale = 1;  // of the loss; below, float16 is no use

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) ||
      dynamic_cast<const std::bad_alloc*>(&error))
    return true;
  // LibTorch's CPU allocator throws its general error.
  return std::string(error.what()).find("can't allocate memory") !=
         std::string::npos;
}

double hits_of(const torch::Tensor& logits, const Target& target) {
  const torch::NoGradGuard no_grad;
  if (target.several.defined())
    return ((logits > 0) == (target.several > 0.5))
        .all(/*dim=*/1)
        .sum()
        .item<double>();
  return (logits.argmax(/*dim=*/1) == target.labels).sum().item<double>();
}

std::vector<TensorBatch> parts_of(const std::vector<TensorBatch>& batches,
                                  std::int64_t largest, bool keep_empty) {
  std::vector<TensorBatch> parts;
  for (const TensorBatch& batch : batches) {
    const auto size = static_cast<std::int64_t>(batch.size);
    const std::int64_t step =
        largest > 0 ? largest : std::max<std::int64_t>(size, 1);
    if (size == 0 && keep_empty)
      parts.push_back(batch);
    for (std::int64_t begin = 0; begin < size; begin += step)
      parts.push_back(slice(batch, begin, std::min(begin + step, size)));
  }
  return parts;
}

}  // namespace

TrainingStep::TrainingStep(Forward forward,
                           std::vector<torch::Tensor> parameters,
                           Optimiser& optimiser, const Loss& loss,
                           GradScaler& scaler, Team& team,
                           const TrainOptions& options,
                           std::function<void(const std::string&)> notice)
    : forward_(std::move(forward)),
      parameters_(std::move(parameters)),
      optimiser_(optimiser),
      loss_(loss),
      scaler_(scaler),
      team_(team),
      amp_(options.amp),
      clip_norm_(options.optimiser.clip_norm),
      together_(options.sync_norms && team.size() > 1),
      notice_(std::move(notice)) {}

StepOutcome TrainingStep::run(const std::vector<TensorBatch>& batches,
                              double rate) {
  const Totals totals = this->totals(batches);
  if (totals.pictures == 0)
    return {};
  std::size_t largest = 0;
  for (const TensorBatch& batch : batches)
    largest = std::max(largest, batch.size);
  while (true) {
    optimiser_.zero_grad();
    try {
      const StepOutcome outcome = accumulate(batches, totals);
      apply(rate);
      return outcome;
    } catch (const std::exception& error) {
      // Other processes are in the middle of their sums: there is no way back.
      if (!is_out_of_memory(error) || team_.size() > 1)
        throw;
    }
    halve(largest);
  }
}

TrainingStep::Totals TrainingStep::totals(
    const std::vector<TensorBatch>& batches) const {
  std::array<double, 2> sums{};
  for (const TensorBatch& batch : batches) {
    if (batch.size == 0)
      continue;
    sums[0] += loss_.normaliser(batch.target);
    sums[1] += static_cast<double>(batch.size);
  }
  team_.sum(sums);
  return {sums[0], sums[1]};
}

void TrainingStep::halve(std::size_t largest_batch) {
  const std::int64_t now = largest_pass_ > 0
                               ? largest_pass_
                               : static_cast<std::int64_t>(largest_batch);
  if (now <= 1)
    throw Error(ErrorCode::kOutOfMemory,
                "out of memory with a single picture in a pass");
  largest_pass_ = (now + 1) / 2;
  if (notice_)
    notice_("out of memory: gradients of " + std::to_string(largest_pass_) +
            " pictures at a time are summed from now on");
}

StepOutcome TrainingStep::accumulate(const std::vector<TensorBatch>& batches,
                                     const Totals& totals) {
  const std::vector<TensorBatch> parts =
      parts_of(batches, largest_pass_, together_);
  StepOutcome sum;
  if (parts.empty()) {  // the others still wait for this process
    team_.begin_gradients(parameters_);
    team_.finish_gradients();
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const StepOutcome part =
        backward(parts[i], totals.normaliser, /*last=*/i + 1 == parts.size());
    sum.loss += part.loss;
    sum.hits += part.hits;
    sum.pictures += part.pictures;
  }
  sum.loss *= totals.pictures / totals.normaliser;
  return sum;
}

StepOutcome TrainingStep::backward(const TensorBatch& part, double normaliser,
                                   bool last) {
  StepOutcome outcome;
  outcome.pictures = static_cast<double>(part.size);
  torch::Tensor loss;
  {
    const Autocast autocast(amp_, part.inputs.device().type());
    nn::TrainingLogits output = forward_(part.inputs);
    output.logits = output.logits.to(torch::kFloat32);
    outcome.hits = hits_of(output.logits, part.target);
    loss = total_loss(output, part.target);
  }
  outcome.loss = loss.item<double>();
  // float16 overflows; then the step is not taken, nor counted.
  if (!std::isfinite(outcome.loss) && amp_ == AmpType::kFp16)
    outcome = {};
  else if (!std::isfinite(outcome.loss))
    throw Error(ErrorCode::kBadData,
                "expected a finite loss, got NaN or Inf (a lower learning "
                "rate may help)");
  if (last)
    team_.begin_gradients(parameters_);
  (loss * (scaler_.scale() / normaliser)).backward();
  if (last)
    team_.finish_gradients();
  return outcome;
}

torch::Tensor TrainingStep::total_loss(const nn::TrainingLogits& output,
                                       const Target& target) const {
  torch::Tensor loss = loss_.sum(output.logits, target);
  for (const nn::AuxiliaryLogits& head : output.auxiliary)
    loss = loss + head.loss_weight *
                      loss_.sum(head.logits.to(torch::kFloat32), target);
  return loss;
}

void TrainingStep::apply(double rate) {
  const std::vector<torch::Tensor> gradients = optimiser_.gradients();
  const bool finite = scaler_.unscale(gradients);
  if (finite) {
    if (clip_norm_ > 0)
      clip_gradients(gradients, clip_norm_);
    optimiser_.step(rate);
  }
  scaler_.update(finite);
  if (scaler_.scale() < kLeastScale)
    throw Error(ErrorCode::kBadData,
                "expected finite gradients, got NaN or Inf at every scale of "
                "the loss (a lower learning rate or bf16 may help)");
}

}  // namespace torchclassify
