// SPDX-License-Identifier: LGPL-2.1-or-later
// Which epoch is the best, and when enough is enough.
#pragma once

#include "torchclassify/train/train.h"
#include "training/run_state.h"

namespace torchclassify {

// What the epoch is judged by: more is better. Without validation, its number.
double measure_of(const Metrics& metrics, Monitor monitor);

// Enters the epoch into the state: record.best, best_*, bad_epochs.
void judge(EpochRecord& record, double measure, double min_delta,
           RunState& state);

// Whether patience (0: endless) has run out.
bool out_of_patience(const RunState& state, int patience);

}  // namespace torchclassify
