// SPDX-License-Identifier: LGPL-2.1-or-later
// When frames are late, and how late this element makes them.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <optional>

#include "model.h"

namespace torchclassify {

// GST_CLOCK_TIME_NONE outside the segment, or where it does not count time.
GstClockTime running_time_of(const GstSegment& segment, GstClockTime pts);
GstClockTime stream_time_of(const GstSegment& segment, GstClockTime pts);

// What QoS events say of frames to come. Any thread.
class Deadline {
 public:
  void reset() { earliest_ = GST_CLOCK_TIME_NONE; }
  void take(GstEvent* qos);
  // True if a frame of this running time would be shown too late anyway.
  bool passed(GstClockTime running_time) const;

 private:
  std::atomic<GstClockTime> earliest_{GST_CLOCK_TIME_NONE};  // running time
};

// The latency that the pipeline was last told, in nanoseconds. Any thread.
class ReportedLatency {
 public:
  // Of what is reported, for threads to wake up in.
  static constexpr GstClockTime kHeadroom = 2 * GST_MSECOND;

  void set(GstClockTime latency, bool live) {
    reported_ = latency;
    live_ = live;
  }
  // True, once, if the pipeline has to ask again: more than 20 % off.
  bool outdated_by(GstClockTime latency);
  // How long a frame may wait here; none where nobody is told, for nothing is
  // live.
  std::optional<std::chrono::nanoseconds> bound() const;

 private:
  std::atomic<GstClockTime> reported_{0};
  std::atomic<bool> live_{false};
};

// What a frame of so many regions waits for its results, by what the engine has
// measured, and for threads to wake up.
GstClockTime expected_latency(const OpenModel& model, int regions);

}  // namespace torchclassify
