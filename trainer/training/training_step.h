// SPDX-License-Identifier: LGPL-2.1-or-later
// One optimiser step: batches in, better weights out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "torchclassify/nn/image_classifier.h"
#include "training/amp.h"
#include "training/batch_source.h"
#include "training/loss.h"
#include "training/optimiser.h"
#include "training/team.h"

namespace torchclassify {

using Forward = std::function<nn::TrainingLogits(const torch::Tensor& inputs)>;

// Of this process's pictures.
struct StepOutcome {
  double loss = 0;      // sum over them; the batch's mean times their number
  double hits = 0;      // right answers
  double pictures = 0;  // how many
};

class TrainingStep {
 public:
  // All references outlive this. notice is told when memory runs out.
  TrainingStep(Forward forward, std::vector<torch::Tensor> parameters,
               Optimiser& optimiser, const Loss& loss, GradScaler& scaler,
               Team& team, const TrainOptions& options,
               std::function<void(const std::string&)> notice);

  // The batches' mean gradient, one step. Throws Error kBadData for a loss that
  // is not finite. Out of memory: the batch is halved, and its halves'
  // gradients are summed, from then on.
  StepOutcome run(const std::vector<TensorBatch>& batches, double rate);

  // Pictures that there is memory for in one pass, as far as is known; 0: any
  // number. A run that goes on restores it.
  std::int64_t largest_pass() const { return largest_pass_; }
  void restore(std::int64_t largest_pass) { largest_pass_ = largest_pass; }

 private:
  struct Totals {  // of all processes
    double normaliser = 0;
    double pictures = 0;
  };
  Totals totals(const std::vector<TensorBatch>& batches) const;
  StepOutcome accumulate(const std::vector<TensorBatch>& batches,
                         const Totals& totals);
  StepOutcome backward(const TensorBatch& part, double normaliser, bool last);
  torch::Tensor total_loss(const nn::TrainingLogits& output,
                           const Target& target) const;
  void halve(std::size_t largest_batch);
  void apply(double rate);

  const Forward forward_;
  const std::vector<torch::Tensor> parameters_;
  Optimiser& optimiser_;
  const Loss& loss_;
  GradScaler& scaler_;
  Team& team_;
  const AmpType amp_;
  const double clip_norm_;
  const bool together_;  // forward() and backward() wait for other processes':
                         // they are called for no pictures, too
  const std::function<void(const std::string&)> notice_;
  std::int64_t largest_pass_ = 0;
};

}  // namespace torchclassify
