// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decision/smoother.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

// Slower than any camera that is watched: a result every five seconds is still
// one stream.
constexpr double kLongestGapNs = 5e9;

void check_time(const char* name, std::int64_t value) {
  if (value < 0)
    throw Error(ErrorCode::kInvalidArgument, std::string("expected a ") + name +
                                                 " of 0 ns or more, got " +
                                                 std::to_string(value));
}

void check_level(const char* name, double value) {
  if (!std::isfinite(value) || value < 0)
    throw Error(ErrorCode::kInvalidArgument, std::string("expected a ") + name +
                                                 " of 0 or more, got " +
                                                 std::to_string(value));
}

void check(const DecisionOptions& options) {
  check_time("smoothing time", options.smoothing_time_ns);
  check_time("minimum dwell", options.min_dwell_ns);
  check_level("hysteresis", options.hysteresis);
  check_level("threshold", options.threshold);
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

// Not of signed type, in which times that are far apart have no difference.
double gap_ns(std::int64_t from, std::int64_t to) {
  return static_cast<double>(static_cast<std::uint64_t>(to) -
                             static_cast<std::uint64_t>(from));
}

double longest_gap_ns(const DecisionOptions& options) {
  return std::max({kLongestGapNs,
                   5.0 * static_cast<double>(options.smoothing_time_ns),
                   2.0 * static_cast<double>(options.min_dwell_ns)});
}

}  // namespace

StepKind Smoother::kind_of(std::optional<std::int64_t> time_ns,
                           std::size_t classes,
                           const DecisionOptions& options) const {
  if (classes != classes_)
    return StepKind::kFirst;
  if (!time_ns || !last_ns_ || *time_ns < *last_ns_ ||
      gap_ns(*last_ns_, *time_ns) > longest_gap_ns(options))
    return StepKind::kRestarted;
  return StepKind::kContinuing;
}

// Exact for a value that held since the step before, however long that was:
// two steps of 20 ms weigh as much as one of 40 ms.
void Smoother::smooth(std::span<const float> values, double duration_ns,
                      std::int64_t smoothing_time_ns) {
  const double times = duration_ns / static_cast<double>(smoothing_time_ns);
  const auto weight = static_cast<float>(-std::expm1(-times));
  for (std::size_t i = 0; i < values.size(); ++i)
    smoothed_[i] += weight * (values[i] - smoothed_[i]);
}

Step Smoother::next(std::optional<std::int64_t> time_ns,
                    std::span<const float> values,
                    const DecisionOptions& options) {
  check(options);
  if (values.empty() || !all_finite(values))
    return {};
  Step step{.kind = kind_of(time_ns, values.size(), options), .values = values};
  if (step.kind == StepKind::kContinuing)
    step.duration_ns = gap_ns(*last_ns_, *time_ns);
  classes_ = values.size();
  last_ns_ = time_ns;

  if (options.smoothing_time_ns == 0) {
    smoothed_.clear();
    return step;
  }
  if (step.kind == StepKind::kContinuing && !smoothed_.empty())
    smooth(values, step.duration_ns, options.smoothing_time_ns);
  else
    smoothed_.assign(values.begin(), values.end());
  step.values = smoothed_;
  return step;
}

void Smoother::reset() {
  classes_ = 0;
  last_ns_.reset();
  smoothed_.clear();
}

}  // namespace torchclassify
