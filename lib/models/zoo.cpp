// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/zoo.h"

#include <algorithm>

namespace torchclassify::nn {
namespace {

std::vector<ZooEntry> all_families() {
  std::vector<ZooEntry> all;
  for (const auto family :
       {alexnet_zoo, cifar_resnet_zoo, convnext_zoo, densenet_zoo,
        efficientnet_zoo, googlenet_zoo, inception_zoo, maxvit_zoo, mnasnet_zoo,
        mobilenet_v2_zoo, mobilenet_v3_zoo, regnet_zoo, resnet_zoo,
        shufflenet_v2_zoo, simple_cnn_zoo, squeezenet_zoo, swin_transformer_zoo,
        vgg_zoo, vision_transformer_zoo}) {
    const std::vector<ZooEntry> entries = family();
    all.insert(all.end(), entries.begin(), entries.end());
  }
  std::ranges::sort(all, {},
                    [](const ZooEntry& entry) { return entry.facts.name; });
  return all;
}

}  // namespace

const std::vector<ZooEntry>& zoo() {
  static const std::vector<ZooEntry> entries = all_families();
  return entries;
}

}  // namespace torchclassify::nn
