// SPDX-License-Identifier: LGPL-2.1-or-later
// The architectures by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify::nn {

struct ModelOptions {
  std::int64_t classes = 1000;
  std::int64_t channels = 3;      // of the input picture
  std::int64_t input_width = 0;   // pixels; 0: the architecture's usual size.
  std::int64_t input_height = 0;  // Matters only where the weights depend on it
  bool initialize = true;  // false: weights are loaded right after, and what
                           // the model starts with does not matter
  // Extra sizes by name, as ModelInfo::architecture_options.
  std::map<std::string, std::int64_t> extra;
};

struct Architecture {
  std::string name;             // torchvision's, or cifar_resnet20, simple_cnn
  std::int64_t classes = 0;     // of the published weights
  std::int64_t input_size = 0;  // pixels, square: the usual one
  std::int64_t parameters =
      0;                  // learnable numbers, with those classes and size
  std::int64_t macs = 0;  // multiply-accumulates of one picture, likewise
};

// All of them, in the order of their names.
std::vector<Architecture> architectures();

// Freshly initialised as torchvision does, in training mode. Throws Error
// kNotFound for an unknown name (the message lists near ones) and
// kInvalidArgument for options that the architecture cannot have.
std::shared_ptr<ImageClassifierImpl> create_model(const std::string& name,
                                                  const ModelOptions& options);

}  // namespace torchclassify::nn
