// SPDX-License-Identifier: LGPL-2.1-or-later
// Which architecture nameless weights belong to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "models/state_dict.h"

namespace torchclassify {

// What names and shapes tell; the rest of a ModelInfo is the user's to say.
struct RecognisedModel {
  std::string architecture;  // empty: none fits, or several do
  // As ModelInfo's: aux_logits, where it is not the default.
  std::map<std::string, std::int64_t> architecture_options;
  std::int64_t classes = 0;
  std::int64_t channels = 0;
  std::int64_t input_size = 0;  // pixels, where the weights depend on it, or 0
};

// The module that the weights are of, for weights that follow.
std::shared_ptr<nn::ImageClassifierImpl> create_model(
    const RecognisedModel& model);

// tensors: by torchvision's names. architecture: the only candidate, if given.
RecognisedModel recognise_model(const NamedTensors& tensors,
                                const std::string& architecture = "");

}  // namespace torchclassify
