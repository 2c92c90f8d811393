// SPDX-License-Identifier: LGPL-2.1-or-later
// torchvision's names of old, which its published files still have.
#include "models/names/mappings.h"

namespace torchclassify::names {

// Before 0.4: "denselayer1.norm.1.weight" for today's
// "denselayer1.norm1.weight" (torchvision's own _load_state_dict(); timm's
// files may have them too).
bool rename_old_densenet(Renaming& renaming, const Surroundings&) {
  const std::string features = "features.denseblock";
  if (!renaming.has(features + "1.denselayer1.norm.1"))
    return false;
  for (int block = 1; renaming.has(features + std::to_string(block)); ++block) {
    const std::string layers = features + std::to_string(block) + ".denselayer";
    for (int layer = 1; renaming.has(layers + std::to_string(layer)); ++layer) {
      const std::string prefix = layers + std::to_string(layer);
      for (const char* part : {".norm", ".conv"}) {
        renaming.move(prefix + part + ".1", prefix + part + "1");
        renaming.move(prefix + part + ".2", prefix + part + "2");
      }
    }
  }
  return true;
}

// Before 0.13: the multilayer perceptron's layers had names
// (MLPBlock._load_from_state_dict()).
bool rename_old_vision_transformer(Renaming& renaming, const Surroundings&) {
  const std::string layer = "encoder.layers.encoder_layer_";
  if (!renaming.has(layer + "0.mlp.linear_1"))
    return false;
  for (int i = 0; renaming.has(layer + std::to_string(i)); ++i) {
    const std::string mlp = layer + std::to_string(i) + ".mlp.";
    renaming.move(mlp + "linear_1", mlp + "0");
    renaming.move(mlp + "linear_2", mlp + "3");
  }
  return true;
}

}  // namespace torchclassify::names
