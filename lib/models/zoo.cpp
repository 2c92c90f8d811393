// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/zoo.h"

#include <algorithm>
#include <iterator>

#include "models/near_names.h"
#include "torchclassify/error.h"

namespace torchclassify::nn {
namespace {

std::vector<ZooEntry> all_families() {
  std::vector<ZooEntry> all;
  for (const auto family : {airbench_zoo,      alexnet_zoo,
                            cifar_resnet_zoo,  convnext_zoo,
                            densenet_zoo,      efficientnet_zoo,
                            googlenet_zoo,     inception_zoo,
                            maxvit_zoo,        mnasnet_zoo,
                            mobilenet_v2_zoo,  mobilenet_v3_zoo,
                            regnet_zoo,        resnet_zoo,
                            shufflenet_v2_zoo, simple_cnn_zoo,
                            squeezenet_zoo,    swin_transformer_zoo,
                            vgg_zoo,           vision_transformer_zoo}) {
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

const ZooEntry& zoo_entry(const std::string& name) {
  const auto name_of = [](const ZooEntry& entry) { return entry.facts.name; };
  const auto entry = std::ranges::find(zoo(), name, name_of);
  if (entry != zoo().end())
    return *entry;
  std::vector<std::string> names;
  std::ranges::transform(zoo(), std::back_inserter(names), name_of);
  throw Error(ErrorCode::kNotFound,
              "expected the name of an architecture, got \"" + name + "\"" +
                  near_names(name, names));
}

std::string size_text(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace torchclassify::nn
