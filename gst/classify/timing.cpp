// SPDX-License-Identifier: LGPL-2.1-or-later
#include "timing.h"

#include <algorithm>
#include <cmath>

namespace torchclassify {
namespace {

constexpr double kTolerance = 0.2;  // of the latency last reported

bool counts_time(const GstSegment& segment, GstClockTime pts) {
  return segment.format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID(pts);
}

}  // namespace

GstClockTime running_time_of(const GstSegment& segment, GstClockTime pts) {
  return counts_time(segment, pts)
             ? gst_segment_to_running_time(&segment, GST_FORMAT_TIME, pts)
             : GST_CLOCK_TIME_NONE;
}

GstClockTime stream_time_of(const GstSegment& segment, GstClockTime pts) {
  return counts_time(segment, pts)
             ? gst_segment_to_stream_time(&segment, GST_FORMAT_TIME, pts)
             : GST_CLOCK_TIME_NONE;
}

void Deadline::take(GstEvent* qos) {
  GstClockTimeDiff diff = 0;
  GstClockTime timestamp = GST_CLOCK_TIME_NONE;
  gst_event_parse_qos(qos, nullptr, nullptr, &diff, &timestamp);
  if (!GST_CLOCK_TIME_IS_VALID(timestamp))
    return;
  // Late: also catch up with what comes until then, as GstBaseTransform does.
  const GstClockTimeDiff ahead = diff > 0 ? 2 * diff : diff;
  const bool before_zero =
      ahead < 0 && static_cast<GstClockTime>(-ahead) > timestamp;
  earliest_ = before_zero ? 0 : timestamp + ahead;
}

bool Deadline::passed(GstClockTime running_time) const {
  const GstClockTime earliest = earliest_;
  return GST_CLOCK_TIME_IS_VALID(earliest) &&
         GST_CLOCK_TIME_IS_VALID(running_time) && running_time < earliest;
}

bool ReportedLatency::outdated_by(GstClockTime latency) {
  const auto reported = static_cast<double>(reported_.load());
  const double change = std::abs(static_cast<double>(latency) - reported);
  if (change <= kTolerance * reported)
    return false;
  reported_ = latency;
  return true;
}

std::optional<std::chrono::nanoseconds> ReportedLatency::bound() const {
  const GstClockTime reported = reported_;
  if (!live_ || reported < kHeadroom)
    return std::nullopt;
  return std::chrono::nanoseconds(reported - kHeadroom);
}

GstClockTime expected_latency(const OpenModel& model, int regions) {
  const Statistics statistics = model.classifier->statistics();
  const int at_once = model.batch_size * model.batches;
  const int rounds = (regions + at_once - 1) / at_once;
  return model.batch_timeout_ns +
         rounds * std::max<std::int64_t>(0, statistics.inference.p99_ns) +
         ReportedLatency::kHeadroom;
}

}  // namespace torchclassify
