// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "decision/dwell.h"
#include "decision/levels.h"
#include "decision/smoother.h"
#include "torchclassify/decision.h"
#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr double kDefaultThreshold = 0.5;

struct ClassState {
  bool present = false;
  bool wished = false;  // that it change, at the last step
  Dwell dwell;
};

// True if the class has come or gone.
bool advance(ClassState& state, const Step& step, double probability,
             double threshold, const DecisionOptions& options) {
  const bool continuing = step.kind == StepKind::kContinuing;
  const double level = continuing && state.present
                           ? leaving_level(threshold, options.hysteresis)
                           : threshold;
  const bool wish = (probability >= level) != state.present;
  const bool again = std::exchange(state.wished, wish) && wish;
  if (!wish)
    return false;
  if (continuing &&
      !state.dwell.has_lasted(again, step.duration_ns, options.min_dwell_ns))
    return false;
  state.present = !state.present;
  state.wished = false;
  return true;
}

void check(std::span<const float> class_thresholds, std::size_t classes) {
  if (!class_thresholds.empty() && class_thresholds.size() != classes)
    throw Error(ErrorCode::kInvalidArgument,
                "expected a threshold for each of " + std::to_string(classes) +
                    " classes, got " + std::to_string(class_thresholds.size()));
  for (const float threshold : class_thresholds)
    if (!(threshold >= 0 && threshold <= 1))
      throw Error(ErrorCode::kInvalidArgument,
                  "expected a class's threshold from 0 to 1, got " +
                      std::to_string(threshold));
}

}  // namespace

struct MultiLabelDecision::Impl {
  bool advance_all(const Step& step, const DecisionOptions& options,
                   std::span<const float> class_thresholds);

  Smoother smoother;
  std::vector<ClassState> states;
  std::vector<int> label_ids;  // of those present
};

bool MultiLabelDecision::Impl::advance_all(
    const Step& step, const DecisionOptions& options,
    std::span<const float> class_thresholds) {
  bool changed = step.kind == StepKind::kFirst;
  if (changed) {
    states.assign(step.values.size(), {});
    label_ids.reserve(step.values.size());
  }
  label_ids.clear();
  for (std::size_t i = 0; i < states.size(); ++i) {
    const double own =
        class_thresholds.empty() ? kDefaultThreshold : class_thresholds[i];
    const double threshold = std::max(options.threshold, own);
    if (advance(states[i], step, step.values[i], threshold, options))
      changed = true;
    if (states[i].present)
      label_ids.push_back(static_cast<int>(i));
  }
  return changed;
}

MultiLabelDecision::MultiLabelDecision() : impl_(std::make_unique<Impl>()) {}
MultiLabelDecision::~MultiLabelDecision() = default;
MultiLabelDecision::MultiLabelDecision(MultiLabelDecision&&) noexcept = default;
MultiLabelDecision& MultiLabelDecision::operator=(
    MultiLabelDecision&&) noexcept = default;

MultiLabelDecision::Report MultiLabelDecision::update(
    std::optional<std::int64_t> time_ns, std::span<const float> probabilities,
    const DecisionOptions& options, std::span<const float> class_thresholds) {
  Impl& impl = *impl_;
  if (!probabilities.empty())
    check(class_thresholds, probabilities.size());
  const Step step = impl.smoother.next(time_ns, probabilities, options);
  if (step.kind == StepKind::kIgnored)
    return {impl.label_ids, false, {}};
  const bool changed = impl.advance_all(step, options, class_thresholds);
  return {impl.label_ids, changed, step.values};
}

void MultiLabelDecision::reset() { *impl_ = Impl(); }

}  // namespace torchclassify
