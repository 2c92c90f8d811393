// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a run is: all of it that is not a tensor.
#pragma once

#include <cstdint>
#include <string>

#include "torchclassify/train/history.h"
#include "torchclassify/train/loader.h"
#include "torchclassify/train/schedule.h"

namespace torchclassify {

struct RunState {
  int epoch = 1;               // the one that is under way, from 1
  std::size_t step = 0;        // optimiser steps of it that are done
  std::int64_t all_steps = 0;  // optimiser steps of all epochs
  // Of this epoch so far.
  double loss_sum = 0;
  double hits = 0;
  double pictures = 0;
  double learning_rate = 0;  // of the last step

  History history;
  double best_measure = -1e300;
  int best_epoch = 0;
  int bad_epochs = 0;  // since the last progress
  PlateauCounter::State plateau;
  double loss_scale = 65536;
  int good_steps = 0;  // of the loss's scale
  std::int64_t average_updates = 0;
  std::int64_t largest_pass = 0;        // TrainingStep::largest_pass()
  std::vector<SkippedPicture> skipped;  // each once, in no certain order
};

// The same numbers, to the last bit, when read back.
std::string to_json(const RunState& state);
// Throws Error kBadData, naming origin.
RunState run_state_from_json(const std::string& json,
                             const std::string& origin);

}  // namespace torchclassify
