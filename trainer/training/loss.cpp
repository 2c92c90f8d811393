// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/loss.h"

#include <torch/torch.h>

namespace torchclassify {
namespace {
namespace F = torch::nn::functional;
}  // namespace

Loss::Loss(const LossOptions& options, const std::vector<double>& weights,
           torch::Device device)
    : options_(options) {
  if (!weights.empty())
    weights_ = torch::tensor(weights, torch::kFloat32).to(device);
}

torch::Tensor Loss::sum(const torch::Tensor& logits,
                        const Target& target) const {
  if (target.several.defined())
    return binary(logits, target.several);
  const torch::Tensor first = cross_entropy(logits, target.labels);
  if (!target.second_labels.defined())
    return first;
  return target.first_weight * first +
         (1 - target.first_weight) *
             cross_entropy(logits, target.second_labels);
}

double Loss::normaliser(const Target& target) const {
  if (target.several.defined())
    return static_cast<double>(target.several.numel());
  const auto pictures = static_cast<double>(target.labels.numel());
  // A mixture is a distribution: PyTorch divides those by their number alone.
  if (!weights_.defined() || target.second_labels.defined())
    return pictures;
  return weights_.index_select(0, target.labels).sum().item<double>();
}

torch::Tensor Loss::cross_entropy(const torch::Tensor& logits,
                                  const torch::Tensor& labels) const {
  auto options =
      F::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing);
  if (weights_.defined())
    options.weight(weights_);
  if (options_.kind == LossKind::kCrossEntropy)
    return F::cross_entropy(logits, labels, options.reduction(torch::kSum));
  const torch::Tensor each =
      F::cross_entropy(logits, labels, options.reduction(torch::kNone));
  const torch::Tensor truth = torch::log_softmax(logits, /*dim=*/1)
                                  .gather(1, labels.unsqueeze(1))
                                  .squeeze(1)
                                  .exp();  // [N]: probability of the truth
  return ((1 - truth).pow(options_.focal_gamma) * each).sum();
}

torch::Tensor Loss::binary(const torch::Tensor& logits,
                           const torch::Tensor& several) const {
  const torch::Tensor smoothed =
      several * (1 - options_.label_smoothing) + options_.label_smoothing / 2;
  auto options = F::BinaryCrossEntropyWithLogitsFuncOptions();
  if (weights_.defined())
    options.weight(weights_);
  if (options_.kind == LossKind::kCrossEntropy)
    return F::binary_cross_entropy_with_logits(logits, smoothed,
                                               options.reduction(torch::kSum));
  const torch::Tensor each = F::binary_cross_entropy_with_logits(
      logits, smoothed, options.reduction(torch::kNone));
  const torch::Tensor p = torch::sigmoid(logits);
  const torch::Tensor truth = p * several + (1 - p) * (1 - several);
  return ((1 - truth).pow(options_.focal_gamma) * each).sum();
}

}  // namespace torchclassify
