// SPDX-License-Identifier: LGPL-2.1-or-later
// The network of a training and what changes it, as its options say.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "torchclassify/train/train.h"
#include "training/amp.h"
#include "training/batch_source.h"
#include "training/loss.h"
#include "training/optimiser.h"
#include "training/team.h"
#include "training/trained_model.h"
#include "training/training_step.h"

namespace torchclassify {

struct Learner {
  // options and team outlive this; notice: as TrainingStep's. Seeds LibTorch's
  // random numbers.
  Learner(const Dataset& training, const TrainOptions& options, Team& team,
          std::function<void(const std::string&)> notice);
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  // Batches that step takes.
  std::unique_ptr<BatchSource> make_source(const Dataset& dataset,
                                           const LoaderOptions& loader);
  // Weights that come from the pictures, of a network that starts fresh.
  void start_fresh(BatchSource& source);
  // Of a module like this one's model, in its present mode. inputs: as a
  // source's batches have them.
  torch::Tensor logits(nn::ImageClassifierImpl& module,
                       const torch::Tensor& inputs) const;

  const TrainOptions& options;
  const ModelInfo info;
  TrainedModel model;
  // Sources give features for the last layer, which alone learns.
  const bool features;
  const Loss loss;
  Optimiser optimiser;
  GradScaler scaler;
  TrainingStep step;

 private:
  nn::TrainingLogits forward(const torch::Tensor& inputs) const;
};

}  // namespace torchclassify
