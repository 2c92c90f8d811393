// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/decision.h"

#include <algorithm>
#include <utility>

#include "decision/dwell.h"
#include "decision/levels.h"
#include "decision/smoother.h"

namespace torchclassify {
namespace {

int most_probable(std::span<const float> probabilities) {
  const auto best =
      std::max_element(probabilities.begin(), probabilities.end());
  return static_cast<int>(best - probabilities.begin());
}

// The label that leads: the current one as long as nothing speaks against it.
int leading_label(int current, std::span<const float> probabilities,
                  const DecisionOptions& options) {
  const int best = most_probable(probabilities);
  const double confidence = probabilities[best];
  if (current != Decision::kUnknown && current != best) {
    const double own = probabilities[current];
    if (own >= leaving_level(options.threshold, options.hysteresis) &&
        confidence - own < options.hysteresis)
      return current;
  }
  const double level =
      current == best ? leaving_level(options.threshold, options.hysteresis)
                      : options.threshold;
  return confidence >= level ? best : Decision::kUnknown;
}

}  // namespace

struct Decision::Impl {
  int lead(const Step& step, const DecisionOptions& options);

  Smoother smoother;
  Dwell dwell;
  int label = kUnknown;      // the current one
  int candidate = kUnknown;  // what led at the last step
  float confidence = 0;      // as last reported
};

// The label from this step on.
int Decision::Impl::lead(const Step& step, const DecisionOptions& options) {
  const bool continuing = step.kind == StepKind::kContinuing;
  const int current = continuing ? label : kUnknown;
  const int leading = leading_label(current, step.values, options);
  const bool again = leading == std::exchange(candidate, leading);
  if (!continuing)
    return leading;
  if (leading == label)
    return label;
  return dwell.has_lasted(again, step.duration_ns, options.min_dwell_ns)
             ? leading
             : label;
}

Decision::Decision() : impl_(std::make_unique<Impl>()) {}
Decision::~Decision() = default;
Decision::Decision(Decision&&) noexcept = default;
Decision& Decision::operator=(Decision&&) noexcept = default;

Decision::Report Decision::update(std::optional<std::int64_t> time_ns,
                                  std::span<const float> probabilities,
                                  const DecisionOptions& options) {
  Impl& impl = *impl_;
  const Step step = impl.smoother.next(time_ns, probabilities, options);
  if (step.kind == StepKind::kIgnored)
    return {impl.label, impl.confidence, false, {}};

  const int before = std::exchange(impl.label, impl.lead(step, options));
  impl.confidence =
      step.values[impl.label == kUnknown ? most_probable(step.values)
                                         : impl.label];
  const bool changed = step.kind == StepKind::kFirst || impl.label != before;
  return {impl.label, impl.confidence, changed, step.values};
}

void Decision::reset() { *impl_ = Impl(); }

}  // namespace torchclassify
