// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether what is measured was trained on, said before training.
#pragma once

#include <string>
#include <vector>

#include "torchclassify/train/dataset.h"

namespace torchclassify {

// Lines for the user about groups, pictures and near duplicates that are in
// both sets, each with an example; empty: none were found. Reads every picture
// once with so many threads; sets of very many pictures are left to
// `torchclassify dataset`, which the line says.
std::vector<std::string> find_leaks(const Dataset& training,
                                    const Dataset& validation, int threads);

}  // namespace torchclassify
