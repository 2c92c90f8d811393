// SPDX-License-Identifier: LGPL-2.1-or-later
// Live streams: frames leave when it was announced, with the newest result.
#include "located_frames.h"
#include "reports.h"

namespace {

using namespace support;

constexpr GstClockTime kUpstream = 10 * GST_MSECOND;
constexpr double kMargin = 0.4;  // seconds, for a busy machine

// Playing, and told to be live. The slow engine takes a second for a frame, the
// late one a twentieth; both say 7 ms, to which 3 ms to fill a batch and 2 ms
// to wake up in are added.
struct Live {
  explicit Live(const char* properties) : harness(playing(properties)) {
    gst_harness_set_upstream_latency(harness.get(), kUpstream);
    announced = gst_harness_query_latency(harness.get()) - kUpstream;
  }

  Harness harness;
  GstClockTime announced = 0;
};

// What comes out, and after how many seconds.
struct Passed {
  int label = -2;
  guint64 age = 0;
  double seconds = 0;
};
Passed pass(const Harness& harness, int value, int index) {
  const gint64 before = g_get_monotonic_time();
  g_autoptr(GstBuffer) out = passed(harness, frame(value, index));
  Passed passed;
  passed.seconds = static_cast<double>(g_get_monotonic_time() - before) / 1e6;
  const std::vector<Result> results = results_on(out);
  if (results.empty())
    return passed;
  passed.label = results[0].label_id;
  passed.age = results[0].age;
  return passed;
}

void test_frames_leave_when_it_was_announced(void) {
  Live live("model-file=slow");
  const double announced = static_cast<double>(live.announced) / GST_SECOND;

  for (int i = 0; i < 3; ++i) {
    const Passed passed = pass(live.harness, 5, i);
    g_test_message("after %.3f s", passed.seconds);
    g_assert_cmpfloat(passed.seconds, <, announced + kMargin);
    g_assert_cmpint(passed.label, ==, -2);
  }

  g_assert_cmpuint(live.announced, ==, 12 * GST_MSECOND);
  g_assert_cmpuint(counter(live.harness, "overdue"), ==, 1);
  // Not inferred while the first one still is.
  g_assert_cmpuint(counter(live.harness, "skipped"), ==, 2);
  g_assert_cmpuint(counter(live.harness, "inferred"), ==, 1);
}

void test_late_results_are_carried_by_later_frames(void) {
  Live live("model-file=slow");
  Passed passed = pass(live.harness, 5, 0);
  int index = 0;

  while (passed.label == -2 && index < 500) {
    passed = pass(live.harness, 6, ++index);
    g_usleep(20'000);
  }

  g_assert_cmpint(passed.label, ==, 5);
  g_assert_cmpuint(passed.age, ==, index * kFrame);
  g_assert_cmpuint(counter(live.harness, "stale"), >=, 1);
  g_assert_cmpuint(counter(live.harness, "skipped"), >=, 1);
  g_assert_cmpuint(counter(live.harness, "overdue"), >=, 1);
}

void test_results_in_time_are_a_frames_own(void) {
  // A full batch does not wait: only what is announced is long.
  Live live("model-file=m batch-size=1 batch-timeout=500000000");

  for (int i = 0; i < 5; ++i) {
    const Passed passed = pass(live.harness, 20 + i, i);
    g_assert_cmpint(passed.label, ==, 20 + i);
    g_assert_cmpuint(passed.age, ==, 0);
  }

  g_assert_cmpuint(counter(live.harness, "overdue"), ==, 0);
  g_assert_cmpuint(counter(live.harness, "stale"), ==, 0);
}

void assert_frames_wait(const Harness& harness) {
  for (int i = 0; i < 3; ++i) {
    const Passed passed = pass(harness, 20 + i, i);
    g_assert_cmpint(passed.label, ==, 20 + i);
    g_assert_cmpuint(passed.age, ==, 0);
    g_assert_cmpfloat(passed.seconds, >, 0.045);
  }
  g_assert_cmpuint(counter(harness, "overdue"), ==, 0);
}

void test_without_qos_frames_wait(void) {
  Live live("model-file=late qos=false");

  assert_frames_wait(live.harness);
}

void test_where_nothing_is_live_frames_wait(void) {
  const Harness harness = playing("model-file=late");

  assert_frames_wait(harness);
}

void test_qos_ends_the_wait_while_playing(void) {
  Live live("model-file=slow qos=false");
  const ElementPtr element = element_of(live.harness);

  g_object_set(element.get(), "qos", TRUE, nullptr);

  g_assert_cmpfloat(pass(live.harness, 5, 0).seconds, <, 0.9);
}

void test_an_error_of_an_overdue_frame_is_one_error(void) {
  Live live("model-file=slow");
  const HarnessBus bus(live.harness);
  g_assert_cmpint(pass(live.harness, 13, 0).label, ==, -2);

  GstFlowReturn flow = GST_FLOW_OK;
  for (int i = 1; i < 500 && flow == GST_FLOW_OK; ++i) {
    flow = gst_harness_push(live.harness.get(), frame(1, i));
    g_usleep(10'000);
  }

  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
  const Said said = said_on(bus.get());
  g_assert_cmpint(said.errors, ==, 1);
  g_assert_nonnull(g_strstr_len(said.text.c_str(), -1, "got 13"));
}

void test_nan_of_an_overdue_frame_is_one_warning(void) {
  Live live("model-file=slow");
  const HarnessBus bus(live.harness);
  pass(live.harness, 14, 0);

  for (int i = 1; i < 500 && counter(live.harness, "not-finite") == 0; ++i) {
    pass(live.harness, 1, i);
    g_usleep(10'000);
  }

  g_assert_cmpuint(counter(live.harness, "not-finite"), ==, 1);
  g_assert_cmpint(said_on(bus.get()).warnings, ==, 1);
}

void test_a_flush_forgets_what_is_overdue(void) {
  Live live("model-file=slow");
  pass(live.harness, 5, 0);

  gst_harness_push_event(live.harness.get(), gst_event_new_flush_start());
  gst_harness_push_event(live.harness.get(), gst_event_new_flush_stop(TRUE));
  push_segment(live.harness);
  pass(live.harness, 6, 1);

  g_assert_cmpuint(counter(live.harness, "inferred"), ==, 2);
  g_assert_cmpuint(counter(live.harness, "skipped"), ==, 0);
}

void test_the_end_does_not_wait_for_what_is_overdue(void) {
  Live live("model-file=slow");
  pass(live.harness, 5, 0);
  const gint64 before = g_get_monotonic_time();

  gst_harness_push_event(live.harness.get(), gst_event_new_eos());
  bool ended = false;
  while (!ended) {
    g_autoptr(GstEvent) event = gst_harness_pull_event(live.harness.get());
    g_assert_nonnull(event);
    ended = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
  }

  g_assert_cmpint(g_get_monotonic_time() - before, <, 900'000);
}

void test_latest_announces_no_latency(void) {
  const Live live("model-file=slow mode=latest");

  g_assert_cmpuint(live.announced, ==, 0);
}

void test_another_mode_is_announced(void) {
  Live live("model-file=m mode=latest");
  const HarnessBus bus(live.harness);
  const ElementPtr element = element_of(live.harness);

  g_object_set(element.get(), "mode", 0, nullptr);
  for (int i = 0; i < 64; ++i) pass(live.harness, 1, i);

  g_autoptr(GstMessage) message =
      gst_bus_pop_filtered(bus.get(), GST_MESSAGE_LATENCY);
  g_assert_nonnull(message);
  g_assert_null(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_LATENCY));
  g_assert_cmpuint(gst_harness_query_latency(live.harness.get()), ==,
                   kUpstream + 12 * GST_MSECOND);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/live/frames-leave-when-it-was-announced",
                  test_frames_leave_when_it_was_announced);
  g_test_add_func("/live/late-results-are-carried-by-later-frames",
                  test_late_results_are_carried_by_later_frames);
  g_test_add_func("/live/results-in-time-are-a-frames-own",
                  test_results_in_time_are_a_frames_own);
  g_test_add_func("/live/without-qos-frames-wait",
                  test_without_qos_frames_wait);
  g_test_add_func("/live/where-nothing-is-live-frames-wait",
                  test_where_nothing_is_live_frames_wait);
  g_test_add_func("/live/qos-ends-the-wait-while-playing",
                  test_qos_ends_the_wait_while_playing);
  g_test_add_func("/live/an-error-of-an-overdue-frame-is-one-error",
                  test_an_error_of_an_overdue_frame_is_one_error);
  g_test_add_func("/live/nan-of-an-overdue-frame-is-one-warning",
                  test_nan_of_an_overdue_frame_is_one_warning);
  g_test_add_func("/live/a-flush-forgets-what-is-overdue",
                  test_a_flush_forgets_what_is_overdue);
  g_test_add_func("/live/the-end-does-not-wait-for-what-is-overdue",
                  test_the_end_does_not_wait_for_what_is_overdue);
  g_test_add_func("/live/latest-announces-no-latency",
                  test_latest_announces_no_latency);
  g_test_add_func("/live/another-mode-is-announced",
                  test_another_mode_is_announced);
  return g_test_run();
}
