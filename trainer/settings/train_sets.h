// SPDX-License-Identifier: LGPL-2.1-or-later
// The sets that a request means.
#pragma once

#include <memory>

#include "settings/train_request.h"

namespace torchclassify {

struct TrainSets {
  std::unique_ptr<Dataset> whole;       // what the next two may point into
  std::unique_ptr<Dataset> part;        // null: whole is trained on
  std::unique_ptr<Dataset> validation;  // null: none

  const Dataset& training() const { return part ? *part : *whole; }
};

// Throws Error as open_dataset() and split_dataset().
TrainSets open_train_sets(const TrainRequest& request);

}  // namespace torchclassify
