// SPDX-License-Identifier: LGPL-2.1-or-later
// The learning rate over a training.
#pragma once

#include <cstdint>

namespace torchclassify {

enum class ScheduleKind {
  kConstant,
  kCosine,  // half a cosine from peak to 0
  kStep,    // times step_factor every step_size steps
};

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::kConstant;
  double peak = 0.1;              // learning rate at the end of the warm-up
  double warmup_start = 0.01;     // share of peak at step 0, if warmed up
  std::int64_t warmup_steps = 0;  // optimiser steps, linear
  std::int64_t total_steps = 1;   // optimiser steps, warm-up included
  std::int64_t step_size = 30;    // kStep: optimiser steps
  double step_factor = 0.1;       // kStep
};

// step: from 0. Steps after the last have the last one's rate.
double learning_rate(const ScheduleOptions& options, std::int64_t step);

}  // namespace torchclassify
