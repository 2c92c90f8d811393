// SPDX-License-Identifier: LGPL-2.1-or-later
// A data set's summary for people.
#pragma once

#include <string>

#include "torchclassify/train/dataset_summary.h"

namespace torchclassify {

// Lines, the last of them ended too: tables first, then what was found, the
// first 20 of each kind.
std::string to_text(const DatasetSummary& summary);

}  // namespace torchclassify
