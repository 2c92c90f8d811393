// SPDX-License-Identifier: LGPL-2.1-or-later
#include "models/class_names.h"

#include <iterator>

namespace torchclassify {
namespace {

constexpr const char* kImageNet[] = {
#include "models/imagenet_classes.inc"
};

constexpr const char* kCifar10[] = {"airplane", "automobile", "bird", "cat",
                                    "deer",     "dog",        "frog", "horse",
                                    "ship",     "truck"};

}  // namespace

std::vector<std::string> class_names_of(const PublishedWeights& weights) {
  if (weights.name.starts_with("CIFAR10"))
    return {std::begin(kCifar10), std::end(kCifar10)};
  return {std::begin(kImageNet), std::end(kImageNet)};
}

}  // namespace torchclassify
