// SPDX-License-Identifier: LGPL-2.1-or-later
// Settings that go together, for the sets they are named after.
#pragma once

#include <string>
#include <vector>

#include "torchclassify/train/train.h"

namespace torchclassify {

// imagefolder is torchvision's reference recipe; transfer begins with weights
// for other classes and trains a new last layer; plain is a small network on
// small pictures without anything else.
const std::vector<std::string>& recipe_names();

// name: of recipe_names().
TrainOptions recipe(const std::string& name);

// The recipe for a set of that layout.
std::string usual_recipe(const std::string& layout);

}  // namespace torchclassify
