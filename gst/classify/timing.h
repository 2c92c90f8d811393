// SPDX-License-Identifier: LGPL-2.1-or-later
// When frames are late, and how late this element makes them.
#pragma once

#include <gst/gst.h>

#include <atomic>

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
  void set(GstClockTime latency) { reported_ = latency; }
  // True, once, if the pipeline has to ask again: more than 20 % off.
  bool outdated_by(GstClockTime latency);

 private:
  std::atomic<GstClockTime> reported_{0};
};

}  // namespace torchclassify
