// SPDX-License-Identifier: LGPL-2.1-or-later
// When frames are late, and how late they are made.
#include "classify/timing.h"

#include "support/rows.h"
#include "torchclassify/latency_recorder.h"

namespace {

using namespace torchclassify;

constexpr GstClockTime kNone = GST_CLOCK_TIME_NONE;

void test_no_delays_have_no_percentile(void) {
  const LatencyRecorder delays;

  g_assert_cmpint(delays.percentile(0.5), ==, 0);
  g_assert_cmpint(delays.percentile(1), ==, 0);
}

void test_a_percentile_is_one_of_the_delays(void) {
  LatencyRecorder delays;
  for (int i = 100; i >= 1; --i) delays.add(i);

  g_assert_cmpint(delays.percentile(0), ==, 1);
  g_assert_cmpint(delays.percentile(0.5), ==, 50);
  g_assert_cmpint(delays.percentile(0.99), ==, 99);
  g_assert_cmpint(delays.percentile(0.991), ==, 100);
  g_assert_cmpint(delays.percentile(1), ==, 100);
}

void test_one_delay_is_every_percentile(void) {
  LatencyRecorder delays;

  delays.add(7);

  for (const double share : {0.0, 0.5, 0.99, 1.0})
    g_assert_cmpint(delays.percentile(share), ==, 7);
}

void test_only_the_latest_delays_count(void) {
  LatencyRecorder delays;
  delays.add(1'000'000);

  for (int i = 0; i < 1024; ++i) delays.add(5);

  g_assert_cmpint(delays.percentile(1), ==, 5);
}

void test_a_reset_forgets_the_delays(void) {
  LatencyRecorder delays;
  delays.add(9);

  delays.reset();
  g_assert_cmpint(delays.percentile(1), ==, 0);

  delays.add(3);
  g_assert_cmpint(delays.percentile(1), ==, 3);
}

struct Change {
  const char* name;
  GstClockTime reported;
  GstClockTime now;
  bool outdated;
};
constexpr Change kChanges[] = {
    {"the-same", 100, 100, false},      {"a-fifth-more", 100, 120, false},
    {"more-than-that", 100, 121, true}, {"a-fifth-less", 100, 80, false},
    {"less-than-that", 100, 79, true},  {"from-nothing", 0, 1, true},
    {"still-nothing", 0, 0, false},     {"to-nothing", 100, 0, true},
};

void test_latency_is_reported_again_if_it_is(gconstpointer data) {
  const auto& c = *static_cast<const Change*>(data);
  ReportedLatency latency;
  latency.set(c.reported, true);

  g_assert_cmpint(latency.outdated_by(c.now), ==, c.outdated);
  // What was told once is not told again.
  g_assert_false(latency.outdated_by(c.outdated ? c.now : c.reported));
}

void test_nobody_is_bound_before_anybody_was_told(void) {
  const ReportedLatency latency;

  g_assert_false(latency.bound().has_value());
}

void test_nobody_is_bound_where_nothing_is_live(void) {
  ReportedLatency latency;

  latency.set(50 * GST_MSECOND, false);

  g_assert_false(latency.bound().has_value());
}

void test_live_frames_are_bound_by_what_was_told(void) {
  ReportedLatency latency;

  latency.set(50 * GST_MSECOND, true);

  g_assert_cmpint(latency.bound()->count(), ==,
                  50 * GST_MSECOND - ReportedLatency::kHeadroom);
}

// mode=latest tells 0: frames do not wait at all.
void test_less_than_the_headroom_binds_nobody(void) {
  ReportedLatency latency;

  latency.set(0, true);

  g_assert_false(latency.bound().has_value());
}

struct Qos {
  const char* name;
  GstClockTimeDiff diff;
  GstClockTime timestamp;
  GstClockTime late;     // the last running time that is too late; none: none
  GstClockTime in_time;  // the first that is not
};
constexpr Qos kQos[] = {
    {"in-time", 0, 1000, 999, 1000},
    {"late", 30, 1000, 1059, 1060},
    {"early", -30, 1000, 969, 970},
    {"as-early-as-can-be", -1000, 1000, kNone, 0},
    {"of-no-time", 30, kNone, kNone, 0},
    {"of-the-first-frame", 0, 0, kNone, 0},
};

void test_frames_are_too_late_after(gconstpointer data) {
  const auto& c = *static_cast<const Qos*>(data);
  Deadline deadline;
  g_autoptr(GstEvent) event =
      gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1, c.diff, c.timestamp);

  deadline.take(event);

  if (c.late != kNone)
    g_assert_true(deadline.passed(c.late));
  g_assert_false(deadline.passed(c.in_time));
}

void test_no_frame_is_late_before_anybody_has_said_so(void) {
  const Deadline deadline;

  g_assert_false(deadline.passed(0));
  g_assert_false(deadline.passed(kNone));
}

void test_a_frame_without_a_time_is_not_late(void) {
  Deadline deadline;
  g_autoptr(GstEvent) event =
      gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1, 30, 1000);

  deadline.take(event);

  g_assert_false(deadline.passed(kNone));
}

void test_a_reset_forgets_the_deadline(void) {
  Deadline deadline;
  g_autoptr(GstEvent) event =
      gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1, 30, 1000);
  deadline.take(event);

  deadline.reset();

  g_assert_false(deadline.passed(5));
}

void test_times_are_those_of_the_segment(void) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = 100;
  segment.time = 5000;
  segment.base = 70;

  g_assert_cmpuint(running_time_of(segment, 130), ==, 100);
  g_assert_cmpuint(stream_time_of(segment, 130), ==, 5030);
  g_assert_cmpuint(running_time_of(segment, 99), ==, kNone);
  g_assert_cmpuint(running_time_of(segment, kNone), ==, kNone);
}

void test_a_segment_in_bytes_has_no_times(void) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);

  g_assert_cmpuint(running_time_of(segment, 5), ==, kNone);
  g_assert_cmpuint(stream_time_of(segment, 5), ==, kNone);
}

void add_delay_tests(void) {
  g_test_add_func("/timing/no-delays-have-no-percentile",
                  test_no_delays_have_no_percentile);
  g_test_add_func("/timing/a-percentile-is-one-of-the-delays",
                  test_a_percentile_is_one_of_the_delays);
  g_test_add_func("/timing/one-delay-is-every-percentile",
                  test_one_delay_is_every_percentile);
  g_test_add_func("/timing/only-the-latest-delays-count",
                  test_only_the_latest_delays_count);
  g_test_add_func("/timing/a-reset-forgets-the-delays",
                  test_a_reset_forgets_the_delays);
}

void add_latency_tests(void) {
  support::add_rows("/timing/latency-is-reported-again-if-it-is", kChanges,
                    test_latency_is_reported_again_if_it_is);
  g_test_add_func("/timing/nobody-is-bound-before-anybody-was-told",
                  test_nobody_is_bound_before_anybody_was_told);
  g_test_add_func("/timing/nobody-is-bound-where-nothing-is-live",
                  test_nobody_is_bound_where_nothing_is_live);
  g_test_add_func("/timing/live-frames-are-bound-by-what-was-told",
                  test_live_frames_are_bound_by_what_was_told);
  g_test_add_func("/timing/less-than-the-headroom-binds-nobody",
                  test_less_than_the_headroom_binds_nobody);
}

void add_deadline_tests(void) {
  support::add_rows("/timing/frames-are-too-late-after", kQos,
                    test_frames_are_too_late_after);
  g_test_add_func("/timing/no-frame-is-late-before-anybody-has-said-so",
                  test_no_frame_is_late_before_anybody_has_said_so);
  g_test_add_func("/timing/a-frame-without-a-time-is-not-late",
                  test_a_frame_without_a_time_is_not_late);
  g_test_add_func("/timing/a-reset-forgets-the-deadline",
                  test_a_reset_forgets_the_deadline);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  add_delay_tests();
  add_latency_tests();
  add_deadline_tests();
  g_test_add_func("/timing/times-are-those-of-the-segment",
                  test_times_are_those_of_the_segment);
  g_test_add_func("/timing/a-segment-in-bytes-has-no-times",
                  test_a_segment_in_bytes_has_no_times);
  return g_test_run();
}
