// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/trained_model.h"

#include <algorithm>

#include <torch/torch.h>

#include "models/layer_groups.h"
#include "torchclassify/error.h"
#include "torchclassify/nn/batch_norm.h"
#include "training/train_weights.h"

namespace torchclassify {
namespace {

nn::ModelOptions model_options(const ModelInfo& info,
                               const TrainOptions& options) {
  return {.classes = static_cast<std::int64_t>(info.classes.size()),
          .channels = info.preprocessing.channels,
          .input_width = info.preprocessing.crop_width,
          .input_height = info.preprocessing.crop_height,
          .initialize = true,
          .dropout = options.dropout,
          .stochastic_depth = options.stochastic_depth,
          .extra = info.architecture_options};
}

void check_prefixes(const torch::nn::Module& module,
                    const std::vector<std::string>& prefixes) {
  const auto names = module.named_parameters().keys();
  for (const std::string& prefix : prefixes) {
    if (std::ranges::none_of(names, [&](const std::string& name) {
          return name.starts_with(prefix);
        }))
      throw Error(ErrorCode::kInvalidArgument,
                  "expected the beginning of a parameter's name to freeze, "
                  "such as \"" +
                      names.front() + "\", got \"" + prefix + "\"");
  }
}

bool learns(const torch::nn::Module& module) {
  return std::ranges::any_of(
      module.parameters(),
      [](const torch::Tensor& tensor) { return tensor.requires_grad(); });
}

}  // namespace

ModelInfo describe(const Dataset& training, const TrainOptions& options) {
  ModelInfo info;
  info.architecture = options.architecture;
  info.classes = training.classes();
  info.preprocessing = options.preprocessing;
  if (training.multi_label())
    info.activation = Activation::kSigmoid;
  info.provenance = {
      {"trainer", "torchclassify train"},
      {"epochs", std::to_string(options.epochs)},
      {"batch_size", std::to_string(options.batch_size)},
      {"learning_rate", std::to_string(options.schedule.peak)},
      {"seed", std::to_string(options.seed)},
      {"training_pictures", std::to_string(training.size())},
  };
  return info;
}

TrainedModel::TrainedModel(const ModelInfo& info, const TrainOptions& options)
    : freeze_(options.freeze),
      module_(
          nn::create_model(info.architecture, model_options(info, options))),
      layers_(layer_groups(info.architecture, *module_)) {
  check_prefixes(*module_, freeze_.prefixes);
  if (!options.weights.empty())
    start_from_weights(*module_, info, options.weights);
  make_channels_last(*module_);
  for (const auto& parameter : module_->named_parameters()) {
    if (!parameter.value().requires_grad())
      fixed_.push_back(parameter.key());
  }
}

std::size_t TrainedModel::frozen_groups(int epoch) const {
  const std::size_t head = layers_.size() - 1;
  const std::size_t frozen =
      freeze_.all_but_head
          ? head
          : std::min(static_cast<std::size_t>(freeze_.groups), head);
  if (freeze_.unfreeze_epochs == 0)
    return frozen;
  const auto thawed =
      static_cast<std::size_t>((epoch - 1) / freeze_.unfreeze_epochs);
  return frozen - std::min(frozen, thawed);
}

bool TrainedModel::is_frozen(const std::string& name, int epoch) const {
  return std::ranges::find(fixed_, name) != fixed_.end() ||
         layer_group_of(name, layers_) < frozen_groups(epoch) ||
         std::ranges::any_of(freeze_.prefixes, [&](const std::string& prefix) {
           return name.starts_with(prefix);
         });
}

void TrainedModel::enter_epoch(int epoch) {
  for (auto& parameter : module_->named_parameters())
    parameter.value().set_requires_grad(!is_frozen(parameter.key(), epoch));
  set_modes();
}

// Frozen layers answer as they will in the finished model.
void TrainedModel::set_modes() {
  module_->train();
  for (const auto& module : module_->modules(/*include_self=*/false)) {
    auto* norm = dynamic_cast<nn::BatchNorm2dImpl*>(module.get());
    const bool parameters = !module->parameters().empty();
    if (norm && freeze_.norms) {
      for (torch::Tensor& parameter : norm->parameters())
        parameter.set_requires_grad(false);
    }
    if (parameters && !learns(*module))
      module->eval();
  }
}

bool TrainedModel::only_head_learns() const {
  return freeze_.all_but_head && freeze_.unfreeze_epochs == 0;
}

std::shared_ptr<nn::ImageClassifierImpl> copy_of(
    const nn::ImageClassifierImpl& module, const ModelInfo& info) {
  auto copy = create_model(info);
  load_state_dict(*copy, state_dict(module), "the model");
  make_channels_last(*copy);
  copy->eval();
  return copy;
}

}  // namespace torchclassify
