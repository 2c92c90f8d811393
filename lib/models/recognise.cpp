// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/recognise.h"

#include <algorithm>
#include <optional>

#include <torch/torch.h>

#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

const torch::Tensor* weight_of(const NamedTensors& tensors,
                               const std::string& layer) {
  const auto found = tensors.find(layer + ".weight");
  return found == tensors.end() ? nullptr : &found->second;
}

// The sizes that the first and the last layer have in the file.
std::optional<RecognisedModel> sizes_of(const nn::ZooEntry& entry,
                                        const NamedTensors& tensors) {
  const torch::Tensor* const last = weight_of(tensors, entry.classifier);
  const torch::Tensor* const stem = weight_of(tensors, entry.stem);
  if (!last || last->dim() < 2 || !stem || stem->dim() != 4)
    return std::nullopt;
  return RecognisedModel{
      .architecture = entry.facts.name,
      .classes = last->size(0),
      .channels = stem->size(1),
      .input_size = entry.input_size_of ? entry.input_size_of(tensors) : 0};
}

bool fits(const RecognisedModel& model, const NamedTensors& tensors) {
  try {
    return compare_weights(*create_model(model), tensors).fits();
  } catch (const Error&) {
    return false;  // no such model can be made
  }
}

// The entry with each choice of its options that changes the weights.
std::optional<RecognisedModel> match(const nn::ZooEntry& entry,
                                     const NamedTensors& tensors) {
  std::optional<RecognisedModel> model = sizes_of(entry, tensors);
  if (!model || fits(*model, tensors))
    return model;
  if (std::ranges::find(entry.extra, "aux_logits") != entry.extra.end()) {
    model->architecture_options["aux_logits"] = 0;
    if (fits(*model, tensors))
      return model;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<nn::ImageClassifierImpl> create_model(
    const RecognisedModel& model) {
  return nn::create_model(model.architecture,
                          {.classes = model.classes,
                           .channels = model.channels,
                           .input_width = model.input_size,
                           .input_height = model.input_size,
                           .initialize = false,
                           .extra = model.architecture_options});
}

RecognisedModel recognise_model(const NamedTensors& tensors,
                                const std::string& architecture) {
  RecognisedModel found;
  for (const nn::ZooEntry& entry : nn::zoo()) {
    if (!architecture.empty() && entry.facts.name != architecture)
      continue;
    const auto model = match(entry, tensors);
    if (!model)
      continue;
    if (!found.architecture.empty())
      return {};
    found = *model;
  }
  return found;
}

}  // namespace torchclassify
