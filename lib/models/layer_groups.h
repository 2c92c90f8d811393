// SPDX-License-Identifier: LGPL-2.1-or-later
// A network's layers in the order of their depth, for learning rates that grow
// with it and for unfreezing from the head on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "torchclassify/nn/image_classifier.h"

namespace torchclassify {

// From the input to the logits. A group is a list of names of modules and
// parameters: the first holds the stem, each of the next a block (or, where a
// network is no chain of blocks, a convolution or linear layer with the norm
// after it), the last the last layer and auxiliary heads.
using LayerGroups = std::vector<std::vector<std::string>>;

// Every parameter of the module belongs to exactly one group. module is one of
// that architecture. Throws Error kNotFound for an unknown name.
LayerGroups layer_groups(const std::string& architecture,
                         const nn::ImageClassifierImpl& module);

// Index of the group that has the parameter's own name, or that of a module it
// is in. Throws Error kInvalidArgument if none has.
std::size_t layer_group_of(const std::string& parameter,
                           const LayerGroups& groups);

}  // namespace torchclassify
