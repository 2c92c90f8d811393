// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/learner.h"

#include <utility>

#include <torch/torch.h>

#include "torchclassify/nn/batch_norm.h"
#include "training/class_weights.h"
#include "training/first_pictures.h"
#include "training/frozen_features.h"
#include "training/sources.h"

namespace torchclassify {
namespace {

// Weights first: what dropout draws later does not depend on them.
const ModelInfo& seeded(const ModelInfo& info, std::uint64_t seed) {
  torch::manual_seed(seed);
  return info;
}

}  // namespace

Learner::Learner(const Dataset& training, const TrainOptions& all_options,
                 Team& team, std::function<void(const std::string&)> notice)
    : options(all_options),
      info(describe(training, options)),
      model(seeded(info, options.seed), options),
      features(can_keep_features(model, options)),
      loss(options.loss, class_weights(options.loss, class_counts(training)),
           torch::kCPU),
      optimiser(
          parameter_groups(model.module(), model.layers(), options.optimiser),
          options.optimiser),
      scaler(options.amp),
      step([this](const torch::Tensor& inputs) { return forward(inputs); },
           model.module().parameters(), optimiser, loss, scaler, team, options,
           std::move(notice)) {
  // Sums of gradients run beside these, and both are known by their order only.
  // It is the same everywhere: backward() takes operations in the reverse order
  // of forward()'s, and gives a parameter its gradient before it goes on.
  if (options.sync_norms && team.size() > 1)
    nn::share_statistics(model.module(), [&team](std::span<double> values) {
      team.sum(values);
    });
}

std::unique_ptr<BatchSource> Learner::make_source(const Dataset& dataset,
                                                  const LoaderOptions& loader) {
  const Preprocessing input =
      loader.training ? training_input(options) : options.preprocessing;
  if (features)
    return make_feature_source(dataset, model.module(), input, loader);
  return std::make_unique<PictureSource>(dataset, input, loader);
}

void Learner::start_fresh(BatchSource& source) {
  if (!features && options.weights.empty())
    start_from_pictures(model.module(), source);
}

torch::Tensor Learner::logits(nn::ImageClassifierImpl& module,
                              const torch::Tensor& inputs) const {
  return features ? module.forward_last(inputs) : module.forward(inputs);
}

nn::TrainingLogits Learner::forward(const torch::Tensor& inputs) const {
  if (features)
    return {.logits = model.module().forward_last(inputs), .auxiliary = {}};
  return model.module().forward_training(inputs);
}

}  // namespace torchclassify
