// SPDX-License-Identifier: LGPL-2.1-or-later
// Which architecture a file of nameless weights belongs to.
#include <torch/torch.h>

#include "models/state_dict.h"
#include "models/zoo.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

using Shape = std::vector<std::int64_t>;
using Shapes = std::map<std::string, Shape>;

Shapes shapes_of(const TensorViews& tensors) {
  Shapes shapes;
  for (const auto& [name, view] : tensors) {
    if (!name.ends_with("num_batches_tracked"))
      shapes[name] = view.shape;
  }
  return shapes;
}

Shapes shapes_of(const torch::nn::Module& module) {
  Shapes shapes;
  for (const auto& parameter : module.named_parameters())
    shapes[parameter.key()] = parameter.value().sizes().vec();
  for (const auto& buffer : module.named_buffers()) {
    if (!buffer.key().ends_with("num_batches_tracked"))
      shapes[buffer.key()] = buffer.value().sizes().vec();
  }
  return shapes;
}

// The architecture's shapes with the file's numbers of classes and channels;
// empty if those make no sense. One that depends on the input's size gets the
// file's own, so that any fits.
Shapes expected_shapes(const nn::ZooEntry& entry, const Shapes& got) {
  const std::string last = std::string(entry.classifier) + ".weight";
  const auto classifier = got.find(last);
  const auto stem = got.find(std::string(entry.stem) + ".weight");
  if (classifier == got.end() || classifier->second.size() != 2 ||
      stem == got.end() || stem->second.size() != 4)
    return {};
  try {
    Shapes shapes = shapes_of(
        *nn::create_model(entry.facts.name, {.classes = classifier->second[0],
                                             .channels = stem->second[1],
                                             .initialize = false}));
    if (entry.fixed_size)
      shapes[last] = classifier->second;
    return shapes;
  } catch (const Error&) {
    return {};  // no such model can be made
  }
}

}  // namespace

std::string recognise_architecture(const TensorViews& tensors) {
  const Shapes got = shapes_of(tensors);
  std::string found;
  for (const nn::ZooEntry& entry : nn::zoo()) {
    if (got.size() != entry.tensors || got != expected_shapes(entry, got))
      continue;
    if (!found.empty())
      return "";
    found = entry.facts.name;
  }
  return found;
}

}  // namespace torchclassify
