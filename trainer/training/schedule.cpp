// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace torchclassify {

double learning_rate(const ScheduleOptions& options, std::int64_t step) {
  if (step < options.warmup_steps) {
    const double done =
        static_cast<double>(step) / static_cast<double>(options.warmup_steps);
    return options.peak *
           (options.warmup_start + (1 - options.warmup_start) * done);
  }
  const std::int64_t since = step - options.warmup_steps;
  switch (options.kind) {
    case ScheduleKind::kConstant:
      return options.peak;
    case ScheduleKind::kCosine: {
      const auto length =
          std::max<std::int64_t>(options.total_steps - options.warmup_steps, 1);
      const double done = std::min(
          static_cast<double>(since) / static_cast<double>(length), 1.0);
      return options.peak * (1 + std::cos(std::numbers::pi * done)) / 2;
    }
    case ScheduleKind::kStep:
      return options.peak *
             std::pow(options.step_factor,
                      since / std::max<std::int64_t>(options.step_size, 1));
  }
  return options.peak;
}

}  // namespace torchclassify
