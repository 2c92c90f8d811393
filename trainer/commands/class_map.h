// SPDX-License-Identifier: LGPL-2.1-or-later
// A data set's classes among a model's.
#pragma once

#include <string>
#include <vector>

namespace torchclassify {

// The model's class id for each of the set's classes: of the same name; or,
// where not all names are the model's, of that number. Throws Error kBadData,
// naming data_path, for a class that the model lacks.
std::vector<int> map_classes(const std::vector<std::string>& of_set,
                             const std::vector<std::string>& of_model,
                             const std::string& data_path);

}  // namespace torchclassify
