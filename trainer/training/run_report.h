// SPDX-License-Identifier: LGPL-2.1-or-later
// The finished model, measured once more, and the files that say so.
#pragma once

#include "torchclassify/train/train.h"
#include "training/team.h"

namespace torchclassify {

// Measures best.safetensors in options.output on the validation set; fits its
// temperature there, if asked, and writes it into the bundle. Writes
// metrics.json, predictions.csv and report.html.
Metrics write_run_report(const Dataset& training, const Dataset& validation,
                         const TrainOptions& options, const History& history,
                         Team& team);

}  // namespace torchclassify
