// SPDX-License-Identifier: LGPL-2.1-or-later
// Probabilities over time: their smoothing, and where time is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "torchclassify/decision.h"

namespace torchclassify {

enum class StepKind {
  kIgnored,     // not finite or empty: as if it had not come
  kFirst,       // nothing was before it, or of another number of classes
  kRestarted,   // after a discontinuity
  kContinuing,  // what was before it counts
};

struct Step {
  StepKind kind = StepKind::kIgnored;
  std::span<const float> values;  // smoothed; empty if ignored
  double duration_ns = 0;         // since the step before; 0 unless continuing
};

class Smoother {
 public:
  // The step's values are those passed where there is nothing to smooth, else
  // this object's own until the next call. Throws Error kInvalidArgument for
  // options outside their range.
  Step next(std::optional<std::int64_t> time_ns, std::span<const float> values,
            const DecisionOptions& options);
  void reset();

 private:
  StepKind kind_of(std::optional<std::int64_t> time_ns, std::size_t classes,
                   const DecisionOptions& options) const;
  void smooth(std::span<const float> values, double duration_ns,
              std::int64_t smoothing_time_ns);

  std::size_t classes_ = 0;              // 0: no step yet
  std::optional<std::int64_t> last_ns_;  // time of the last step
  std::vector<float> smoothed_;          // empty while there is no smoothing
};

}  // namespace torchclassify
