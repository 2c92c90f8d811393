// SPDX-License-Identifier: LGPL-2.1-or-later
// A network for other classes on weights that were trained for some.
#pragma once

#include <string>

#include "models/state_dict.h"

namespace torchclassify {

// Whether a module or tensor of that name is, or is in, an auxiliary head:
// Inception's or GoogLeNet's.
bool is_auxiliary_head(const std::string& name);
bool has_auxiliary_heads(const NamedTensors& tensors);

// The tensors with those of the last layer and of auxiliary heads that are for
// another number of classes, or missing, taken from model, a new one of that
// architecture. Auxiliary heads that model does not have are left out. The rest
// is not compared: load_state_dict() does that.
NamedTensors with_new_head(NamedTensors tensors,
                           const nn::ImageClassifierImpl& model,
                           const std::string& architecture);

}  // namespace torchclassify
