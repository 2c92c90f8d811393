// SPDX-License-Identifier: LGPL-2.1-or-later
#include "training/judge.h"

namespace torchclassify {

double measure_of(const Metrics& metrics, Monitor monitor) {
  switch (monitor) {
    case Monitor::kBalancedAccuracy:
      return metrics.balanced_accuracy;
    case Monitor::kMacroF1:
      return metrics.macro.f1;
    case Monitor::kMeanAveragePrecision:
      return metrics.mean_average_precision;
    case Monitor::kLoss:
      return -metrics.loss;
    default:
      return metrics.accuracy;
  }
}

void judge(EpochRecord& record, double measure, double min_delta,
           RunState& state) {
  if (!record.validated)
    measure = record.epoch;
  record.best = measure > state.best_measure;
  const bool progress = measure > state.best_measure + min_delta;
  state.bad_epochs = progress ? 0 : state.bad_epochs + 1;
  if (record.best) {
    state.best_measure = measure;
    state.best_epoch = record.epoch;
  }
}

bool out_of_patience(const RunState& state, int patience) {
  return patience > 0 && state.bad_epochs >= patience;
}

}  // namespace torchclassify
