// SPDX-License-Identifier: LGPL-2.1-or-later
// The architectures by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
  // Probabilities while training, from 0 to below 1; nothing: what the
  // architecture was published with. Of dropping numbers:
  std::optional<double> dropout = {};
  // Of leaving out the last residual branch; the first's is 0, the others' grow
  // evenly in between:
  std::optional<double> stochastic_depth = {};
  // What a family has beside that, by name, as in
  // ModelInfo::architecture_options:
  //   aux_logits (GoogLeNet, Inception): 0 leaves the auxiliary heads out; 1
  //   transform_input (likewise): 1 takes pictures with ImageNet's mean and
  //     standard deviation and gives the network its own; 0
  std::map<std::string, std::int64_t> extra;
};

struct Architecture {
  std::string name;                 // torchvision's, or ours as airbench94
  std::int64_t classes = 1000;      // of the published weights
  std::int64_t input_size = 224;    // pixels, square: the usual one
  std::int64_t min_input_size = 1;  // pixels: a smaller side leaves no features
  // With those classes, that size and three channels:
  std::int64_t parameters = 0;  // learnable numbers, and frozen ones
  std::int64_t macs = 0;        // multiply-accumulates of one picture
};

// All of them, in the order of their names.
std::vector<Architecture> architectures();

// Throws Error kNotFound for an unknown name; the message lists near ones.
Architecture find_architecture(const std::string& name);

// Freshly initialised as torchvision does, in training mode. Throws as above,
// and Error kInvalidArgument for options that the architecture cannot have.
std::shared_ptr<ImageClassifierImpl> create_model(const std::string& name,
                                                  const ModelOptions& options);

}  // namespace torchclassify::nn
