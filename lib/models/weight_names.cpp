// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/weight_names.h"

#include <utility>

#include "models/names/mappings.h"

namespace torchclassify {
namespace {

struct Library {
  Naming naming;
  names::Mapping mapping;
};

// The first that knows the names is the only one.
constexpr Library kLibraries[] = {
    {Naming::kTimm, names::refuse_timm_resnet},
    {Naming::kTimm, names::refuse_timm_densenet},
    {Naming::kOldTorchvision, names::rename_old_densenet},
    {Naming::kOldTorchvision, names::rename_old_vision_transformer},
    {Naming::kTimm, names::rename_timm_vgg},
    {Naming::kTimm, names::rename_timm_regnet},
    {Naming::kTimm, names::rename_timm_convnext},
    {Naming::kTimm, names::rename_timm_efficientnet},
    {Naming::kTimm, names::rename_timm_vision_transformer},
    {Naming::kTimm, names::rename_timm_swin},
    {Naming::kTransformers, names::rename_huggingface_resnet},
    {Naming::kTransformers, names::rename_huggingface_convnext},
    {Naming::kTransformers, names::rename_huggingface_vit},
};

}  // namespace

const char* naming_name(Naming naming) {
  switch (naming) {
    case Naming::kOldTorchvision:
      return "torchvision (old)";
    case Naming::kTimm:
      return "timm";
    case Naming::kTransformers:
      return "transformers";
    case Naming::kTorchvision:
      break;
  }
  return "torchvision";
}

RenamedWeights torchvision_names(NamedTensors tensors,
                                 const std::string& origin) {
  names::Renaming renaming(std::move(tensors), origin);
  const names::Surroundings surroundings = names::surroundings_of(origin);
  Naming naming = Naming::kTorchvision;
  for (const Library& library : kLibraries) {
    if (library.mapping(renaming, surroundings)) {
      naming = library.naming;
      break;
    }
  }
  return {.tensors = std::move(renaming).finish(), .naming = naming};
}

}  // namespace torchclassify
