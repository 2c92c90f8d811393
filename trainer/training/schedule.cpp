// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace torchclassify {
namespace {

// From 1 at done = 0 to 0 at done = 1.
double half_cosine(double done) {
  return (1 + std::cos(std::numbers::pi * done)) / 2;
}

double share(double part, double whole) {
  return whole > 0 ? std::min(part / whole, 1.0) : 1.0;
}

double warmup_rate(const ScheduleOptions& options, std::int64_t tick) {
  if (options.warmup == WarmupKind::kConstant)
    return options.peak * options.warmup_start;
  const double done = share(static_cast<double>(tick),
                            static_cast<double>(options.warmup_ticks));
  return options.peak *
         (options.warmup_start + (1 - options.warmup_start) * done);
}

// torch.optim.lr_scheduler.OneCycleLR, anneal_strategy="cos".
double one_cycle_rate(const ScheduleOptions& options, std::int64_t tick) {
  const double first = options.peak * options.one_cycle_start;
  const double last = first * options.one_cycle_end;
  const auto total = static_cast<double>(options.total_ticks);
  const double rise = options.one_cycle_rise * total - 1;
  const double now = std::min(static_cast<double>(tick), total - 1);
  if (now <= rise)
    return options.peak +
           (first - options.peak) * half_cosine(share(now, rise));
  return last + (options.peak - last) *
                    half_cosine(share(now - rise, total - 1 - rise));
}

double milestones_met(const ScheduleOptions& options, std::int64_t since) {
  return static_cast<double>(std::ranges::count_if(
      options.milestones,
      [&](std::int64_t milestone) { return milestone <= since; }));
}

}  // namespace

double learning_rate(const ScheduleOptions& options, std::int64_t tick,
                     int reductions) {
  if (options.kind == ScheduleKind::kOneCycle)
    return one_cycle_rate(options, tick);
  if (tick < options.warmup_ticks)
    return warmup_rate(options, tick);
  const std::int64_t length =
      std::max<std::int64_t>(options.total_ticks - options.warmup_ticks, 1);
  const std::int64_t since = std::min(tick - options.warmup_ticks, length);
  const auto ticks = static_cast<double>(since);
  const double done = ticks / static_cast<double>(length);
  switch (options.kind) {
    case ScheduleKind::kStep:
      return options.peak *
             std::pow(options.gamma,
                      since / std::max<std::int64_t>(options.step_size, 1));
    case ScheduleKind::kMultiStep:
      return options.peak *
             std::pow(options.gamma, milestones_met(options, since));
    case ScheduleKind::kCosine:
      return options.floor + (options.peak - options.floor) * half_cosine(done);
    case ScheduleKind::kExponential:
      return options.peak * std::pow(options.gamma, ticks);
    case ScheduleKind::kPolynomial:
      return options.peak * std::pow(1 - done, options.power);
    case ScheduleKind::kPlateau:
      return std::max(options.peak * std::pow(options.gamma, reductions),
                      options.floor);
    default:
      return options.peak;
  }
}

void PlateauCounter::add(double measure) {
  constexpr double kThreshold = 1e-4;  // relative, as PyTorch's
  const double margin = kThreshold * std::abs(state_.best);
  if (state_.best < -1e299 || measure > state_.best + margin) {
    state_.best = measure;
    state_.bad_epochs = 0;
  } else if (++state_.bad_epochs > patience_) {
    ++state_.reductions;
    state_.bad_epochs = 0;
  }
}

}  // namespace torchclassify
