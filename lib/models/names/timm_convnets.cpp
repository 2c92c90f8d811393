// SPDX-License-Identifier: LGPL-2.1-or-later
// timm's names of VGG, RegNet and ConvNeXt.
#include "models/names/mappings.h"

namespace torchclassify::names {
namespace {

constexpr int kStages = 4;  // RegNet's and ConvNeXt's

// Convolution and normalisation: timm's "conv" and "bn" are torchvision's "0"
// and "1".
void move_convolution(Renaming& renaming, const std::string& from,
                      const std::string& to) {
  renaming.move(from + ".conv", to + ".0");
  renaming.move(from + ".bn", to + ".1");
}

void move_regnet_block(Renaming& renaming, const std::string& from,
                       const std::string& to) {
  move_convolution(renaming, from + ".conv1", to + ".f.a");
  move_convolution(renaming, from + ".conv2", to + ".f.b");
  renaming.move(from + ".se", to + ".f.se");
  move_convolution(renaming, from + ".conv3", to + ".f.c");
  move_convolution(renaming, from + ".downsample", to + ".proj");
}

void move_convnext_block(Renaming& renaming, const std::string& from,
                         const std::string& to) {
  renaming.move_as(from + ".gamma", to + ".layer_scale", as_layer_scale);
  renaming.move(from + ".conv_dw", to + ".block.0");
  renaming.move(from + ".norm", to + ".block.2");
  // timm can make these convolutions of one pixel each.
  renaming.move_as(from + ".mlp.fc1.weight", to + ".block.3.weight", as_linear);
  renaming.move(from + ".mlp.fc1.bias", to + ".block.3.bias");
  renaming.move_as(from + ".mlp.fc2.weight", to + ".block.5.weight", as_linear);
  renaming.move(from + ".mlp.fc2.bias", to + ".block.5.bias");
}

}  // namespace

// The first two linear layers are convolutions there; both flatten channels
// first, so that the weights lie alike.
bool rename_timm_vgg(Renaming& renaming, const Surroundings&) {
  if (!renaming.has("pre_logits.fc1"))
    return false;
  renaming.move("features", "features");
  renaming.move_as("pre_logits.fc1.weight", "classifier.0.weight", as_linear);
  renaming.move("pre_logits.fc1.bias", "classifier.0.bias");
  renaming.move_as("pre_logits.fc2.weight", "classifier.3.weight", as_linear);
  renaming.move("pre_logits.fc2.bias", "classifier.3.bias");
  renaming.move("head.fc", "classifier.6");
  return true;
}

bool rename_timm_regnet(Renaming& renaming, const Surroundings&) {
  if (!renaming.has("stem.conv") || !renaming.has("s1.b1.conv1.conv"))
    return false;
  move_convolution(renaming, "stem", "stem");
  for (int stage = 1; stage <= kStages; ++stage) {
    const std::string number = std::to_string(stage);
    const std::string from = "s" + number + ".b";
    const std::string name = "block" + number;
    const std::string to = "trunk_output." + name + "." + name + "-";
    for (int block = 1; renaming.has(from + std::to_string(block)); ++block)
      move_regnet_block(renaming, from + std::to_string(block),
                        to + std::to_string(block - 1));
  }
  renaming.move("head.fc", "fc");
  return true;
}

bool rename_timm_convnext(Renaming& renaming, const Surroundings&) {
  if (!renaming.has("stem.0") || !renaming.has("stages.0.blocks.0.conv_dw"))
    return false;
  if (renaming.has("stages.0.blocks.0.mlp.grn"))
    renaming.refuse("a ConvNeXt V2 (global response normalisation)");
  if (renaming.has("norm_pre"))
    renaming.refuse("a ConvNeXt that normalises before it pools");
  renaming.move("stem", "features.0");
  for (int stage = 0; stage < kStages; ++stage) {
    const std::string from = numbered("stages", stage);
    renaming.move(from + ".downsample", numbered("features", 2 * stage));
    const std::string to = numbered("features", 2 * stage + 1);
    for (int i = 0; renaming.has(numbered(from + ".blocks", i)); ++i)
      move_convnext_block(renaming, numbered(from + ".blocks", i),
                          numbered(to, i));
  }
  renaming.move("head.norm", "classifier.0");
  renaming.move("head.fc", "classifier.2");
  return true;
}

}  // namespace torchclassify::names
