// SPDX-License-Identifier: LGPL-2.1-or-later
// The registry's table: what the library knows of each architecture.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/nn/registry.h"

namespace torchclassify::nn {

struct ZooEntry {
  Architecture facts;
  std::size_t tensors;     // in a weight file, without num_batches_tracked
  const char* classifier;  // its last layer: NAME.weight has a row per class
  const char* stem;        // its first: NAME.weight is [_, channels, _, _]
  bool fixed_size;         // the weights depend on the input's size
  // Makes one from checked options.
  std::shared_ptr<ImageClassifierImpl> (*create)(const ModelOptions& options);
};

// In the order of their names.
const std::vector<ZooEntry>& zoo();

}  // namespace torchclassify::nn
