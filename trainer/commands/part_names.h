// SPDX-License-Identifier: LGPL-2.1-or-later
// What --split calls the parts of a data set.
#pragma once

#include <map>
#include <string>

#include "torchclassify/train/dataset.h"

namespace torchclassify {

inline const std::map<std::string, Split> kPartNames = {
    {"train", Split::kTrain},
    {"val", Split::kValidation},
    {"validation", Split::kValidation},
    {"test", Split::kTest}};

}  // namespace torchclassify
