// SPDX-License-Identifier: LGPL-2.1-or-later
// The learning rate over a training, as torch.optim.lr_scheduler's classes.
#pragma once

#include <cstdint>
#include <vector>

namespace torchclassify {

enum class ScheduleKind {
  kConstant,
  kStep,         // StepLR: times gamma every step_size ticks
  kMultiStep,    // MultiStepLR: times gamma at each milestone
  kCosine,       // CosineAnnealingLR: half a cosine from the peak to floor
  kExponential,  // ExponentialLR: times gamma every tick
  kPolynomial,   // PolynomialLR: peak (1 - t/T)^power
  kOneCycle,  // OneCycleLR with its defaults: up in the first 30 %, then down
  kPlateau,   // ReduceLROnPlateau: times gamma when the measure stalls
};

enum class WarmupKind { kLinear, kConstant };

// A tick is an optimiser step, or an epoch: the caller counts either.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::kConstant;
  double peak = 0.1;            // learning rate at the end of the warm-up
  double floor = 0;             // kCosine, kPlateau: lowest rate
  double gamma = 0.1;           // kStep, kMultiStep, kExponential, kPlateau
  std::int64_t step_size = 30;  // kStep: ticks after the warm-up
  std::vector<std::int64_t> milestones;  // kMultiStep: ticks after the warm-up
  double power = 1;                      // kPolynomial
  double one_cycle_rise = 0.3;        // kOneCycle: share of ticks to the peak
  double one_cycle_start = 1.0 / 25;  // kOneCycle: share of the peak at first
  double one_cycle_end = 1e-4;  // kOneCycle: share of the first rate at last
  int plateau_patience = 10;    // kPlateau: measures without progress
  WarmupKind warmup = WarmupKind::kLinear;
  double warmup_start = 0.01;     // share of the peak at tick 0, if warmed up
  std::int64_t warmup_ticks = 0;  // not for kOneCycle, which has its own
  std::int64_t total_ticks = 1;   // warm-up included
};

// tick: from 0. Ticks after the last have the last one's rate. reductions: how
// often a plateau has been met (kPlateau).
double learning_rate(const ScheduleOptions& options, std::int64_t tick,
                     int reductions = 0);

// Counts plateaus of a measure, as ReduceLROnPlateau(mode="max", threshold=1e-4
// relative) does.
class PlateauCounter {
 public:
  explicit PlateauCounter(int patience) : patience_(patience) {}
  void add(double measure);  // once an epoch

  // All there is to it, for checkpoints.
  struct State {
    double best = -1e300;
    int bad_epochs = 0;
    int reductions = 0;
  };
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  int patience_;
  State state_;
};

}  // namespace torchclassify
