// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts that a data set really has.
#pragma once

#include <memory>
#include <vector>

#include "data/data_source.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {

struct OpenPart {
  Split part = Split::kTrain;
  std::unique_ptr<Dataset> pictures;
};

// Those that are there, each set of files once: where a layout answers to
// several parts with the same files, under the name that fits. wanted: only
// these, which must be there; empty: all. Throws as open_dataset().
std::vector<OpenPart> open_parts(const DataSource& source,
                                 const std::vector<Split>& wanted);

}  // namespace torchclassify
