// SPDX-License-Identifier: LGPL-2.1-or-later
// Which labels are reported over time: smoothing, hysteresis, dwell, unknown.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace torchclassify {

// With the defaults each update is answered by itself: the most probable class.
struct DecisionOptions {
  // Time constant of exponential smoothing: a probability that jumps has gone
  // 63 % of its way after this time. 0: none.
  std::int64_t smoothing_time_ns = 0;
  // A new label must lead the current one by this much. The current label
  // becomes unknown only this far below the threshold, but at the latest below
  // half of it. >= 0; 0: none.
  double hysteresis = 0;
  // A new label, unknown too, must lead for this long without a break. 0: none.
  std::int64_t min_dwell_ns = 0;
  // Below it a class is not reported. >= 0.
  double threshold = 0;
};

// What both classes below promise.
//
// Time is stream time in ns. Frames are not counted: labels change when they
// would at any other frame rate, to within a frame by smoothing and another by
// dwell. An update stands for the time since the one before it, and a dwell
// needs two that agree, however far apart; the first label is reported at once.
// Equal times: no time has passed, so with smoothing the second update changes
// nothing.
//
// Nothing of before is remembered after a discontinuity: a time that goes back,
// one that goes on by more than the largest of 5 s, 5 smoothing times and 2
// dwells, an update without a time, and the first with one after it.
//
// An update that is empty or has a value that is no finite number is ignored:
// it reports the labels of the one before it again, without probabilities.
// Other values may be any, but the meaning of hysteresis and threshold is that
// of probabilities. Another number of classes is another model: as reset().
//
// The options may change from one update to the next. Error kInvalidArgument
// for options outside their range; nothing has changed then. Only the first
// update, and the first with smoothing, allocate. One thread at a time.

// One stream's, or one tracked object's, single label.
class Decision {
 public:
  static constexpr int kUnknown = -1;

  struct Report {
    int label_id = kUnknown;  // of the classes, or kUnknown
    float confidence = 0;     // smoothed; if unknown, the most probable class's
    // Another label than the update before reported; always after reset().
    bool changed = false;
    // Smoothed, one per class; the largest need not be the label's. Empty if
    // ignored. Valid until the next call, and no longer than what was passed.
    std::span<const float> probabilities;
  };

  Decision();
  ~Decision();
  Decision(Decision&&) noexcept;
  Decision& operator=(Decision&&) noexcept;

  // Equal probabilities: the smaller label id.
  Report update(std::optional<std::int64_t> time_ns,
                std::span<const float> probabilities,
                const DecisionOptions& options);
  // Another stream begins.
  void reset();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same for models of several labels: each class is there or not, decided
// for itself, with hysteresis below its threshold and with its own dwell.
class MultiLabelDecision {
 public:
  struct Report {
    std::span<const int> label_ids;  // ascending; valid until the next call
    bool changed = false;            // as Decision's
    std::span<const float> probabilities;  // as Decision's
  };

  MultiLabelDecision();
  ~MultiLabelDecision();
  MultiLabelDecision(MultiLabelDecision&&) noexcept;
  MultiLabelDecision& operator=(MultiLabelDecision&&) noexcept;

  // A class is there from its threshold on: the larger of the options' and its
  // own in class_thresholds, which has one per class (else Error
  // kInvalidArgument) or is empty: 0.5 each.
  Report update(std::optional<std::int64_t> time_ns,
                std::span<const float> probabilities,
                const DecisionOptions& options,
                std::span<const float> class_thresholds = {});
  void reset();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace torchclassify
