// SPDX-License-Identifier: LGPL-2.1-or-later
// The weights that the world already has: where they are and how good.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "torchclassify/model_info.h"

namespace torchclassify {

// One published set of weights for one architecture, as its publisher describes
// it: the figures are not measured here.
struct PublishedWeights {
  std::string architecture;   // torchvision's name, as in the registry
  std::string name;           // of the set, such as IMAGENET1K_V2
  std::string url;            // https
  std::string file;           // the last part of url
  std::string sha256_prefix;  // of the file: 8 or 10 hex digits, lower-case
  std::int64_t parameters = 0;
  double gmacs = 0;          // 10^9 multiply-accumulates of one picture
  double mebibytes = 0;      // the file's size, to three decimals
  double top1_accuracy = 0;  // percent; 0: the file has no classifier
  double top5_accuracy = 0;  // percent; 0: unknown
  bool is_default = false;   // exactly one of each architecture's sets is
  std::string licence;       // address of the terms where these bind the use of
                             // the weights (SWAG: not commercial), else empty
  Preprocessing preprocessing;
  // What the model has to be made with, as ModelInfo::architecture_options.
  std::map<std::string, std::int64_t> architecture_options;
};

// All of them: torchvision's classification weights and a set for CIFAR-10. In
// the order of the architectures' names, sets in the publisher's order. Lives
// as long as the process; any thread.
const std::vector<PublishedWeights>& published_weights();

// One architecture's; empty if there are none.
std::span<const PublishedWeights> published_weights_of(
    const std::string& architecture);

// The set with this name, or the default one for an empty name or DEFAULT.
// Letters' case does not matter. Throws Error kNotFound, naming near or
// available ones.
const PublishedWeights& find_published_weights(const std::string& architecture,
                                               const std::string& name);

// By any spelling that users know: resnet50, resnet50:IMAGENET1K_V2 or
// ResNet50_Weights.IMAGENET1K_V2. Throws as above, and Error kInvalidArgument
// for a part that is empty.
const PublishedWeights& find_published_weights(const std::string& spelling);

// By the file's own name, such as resnet50-11ad3fa6.pth; null if it is
// nobody's.
const PublishedWeights* find_published_file(const std::string& file_name);

}  // namespace torchclassify
