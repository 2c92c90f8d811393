// SPDX-License-Identifier: LGPL-2.1-or-later
// timm's ResNets and DenseNets have torchvision's names, its variants of them
// nearly so.
#include "models/names/mappings.h"

namespace torchclassify::names {
namespace {

bool has_pooled_shortcut(const Renaming& renaming) {
  for (const char* stage : {"layer1", "layer2", "layer3", "layer4"}) {
    const auto shortcut =
        renaming.get(std::string(stage) + ".0.downsample.1.weight");
    if (shortcut.defined() && shortcut.dim() == 4)
      return true;
  }
  return false;
}

}  // namespace

bool refuse_timm_resnet(Renaming& renaming, const Surroundings& surroundings) {
  if (!renaming.has("layer1.0.conv1"))
    return false;
  if (renaming.has("conv1.0"))
    renaming.refuse("a ResNet with a deep stem (as timm's resnet50d)");
  if (has_pooled_shortcut(renaming))
    renaming.refuse("a ResNet that pools in its shortcuts");
  if (renaming.has_text(".se.") || renaming.has_text(".eca."))
    renaming.refuse("a ResNet with channel attention (as timm's seresnet50)");
  // A low-pass filter before each stride has no weights.
  for (const char* name : {"resnetblur", "resnetaa"}) {
    if (surroundings.mentions(name))
      renaming.refuse(std::string("a ResNet with anti-aliasing (timm's ") +
                      name + ")");
  }
  return false;
}

bool refuse_timm_densenet(Renaming& renaming, const Surroundings&) {
  if (renaming.has("features.denseblock1") && renaming.has("features.conv1"))
    renaming.refuse("a DenseNet with a deep stem (as timm's densenetblur121d)");
  return false;
}

}  // namespace torchclassify::names
