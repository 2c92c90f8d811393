// SPDX-License-Identifier: LGPL-2.1-or-later
// What a flush discards, what it keeps, and when; engine as in fake_engine.cpp.
#include "classify_harness.h"

namespace {

using namespace support;

// However early: what describes the stream arrives, what filled it does not.
void test_a_flush_loses_no_caps(void) {
  for (int i = 0; i < 100; ++i) {
    Harness harness = playing("model-file=m");

    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    push_segment(harness);
    gst_harness_push(harness.get(), frame(7, 0));

    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    g_assert_cmpint(label_of(buffer), ==, 7);
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(harness->sinkpad);
    g_assert_nonnull(caps);
  }
}

void test_nothing_of_before_a_flush_comes_after_it(void) {
  Harness harness = playing("model-file=random");
  for (int round = 1; round <= 100; ++round) {
    const int count = round % 7;
    for (int i = 0; i < count; ++i)
      gst_harness_push(harness.get(), frame(20 + round, i));

    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    while (GstBuffer* buffer = gst_harness_try_pull(harness.get()))
      gst_buffer_unref(buffer);
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    push_segment(harness);
    gst_harness_push(harness.get(), frame(120 + round, 0));

    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    g_assert_cmpint(label_of(buffer), ==, 120 + round);
  }
}

void test_the_first_frame_after_a_flush_is_inferred(void) {
  Harness harness = playing("model-file=m inference-interval=1000");
  gst_harness_push(harness.get(), frame(5, 0));
  gst_buffer_unref(gst_harness_pull(harness.get()));

  gst_harness_push_event(harness.get(), gst_event_new_flush_start());
  gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
  push_segment(harness);
  gst_harness_push(harness.get(), frame(6, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 6);
}

// The task of a deactivated pad would never be stopped.
void test_a_flush_does_not_revive_a_deactivated_pad(void) {
  Harness harness = playing("model-file=m");
  const ElementPtr element = element_of(harness);
  const PadPtr src(gst_element_get_static_pad(element.get(), "src"));
  gst_pad_set_active(src.get(), FALSE);

  gst_harness_push_event(harness.get(), gst_event_new_flush_start());
  gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));

  g_assert_cmpint(gst_pad_get_task_state(src.get()), ==, GST_TASK_STOPPED);
}

// Upstream elements make an element error of GST_FLOW_ERROR.
void test_an_event_refused_for_a_flush_is_no_error(void) {
  Harness harness = playing("model-file=m");
  const ElementPtr element = element_of(harness);
  const PadPtr src(gst_element_get_static_pad(element.get(), "src"));
  gst_pad_set_active(src.get(), FALSE);
  gst_harness_push_event(harness.get(), gst_event_new_tag(gst_tag_list_new(
                                            GST_TAG_TITLE, "a", nullptr)));

  const GstFlowReturn flow = gst_harness_push(harness.get(), frame(1, 0));

  g_assert_cmpint(flow, ==, GST_FLOW_FLUSHING);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/flush/a-flush-loses-no-caps", test_a_flush_loses_no_caps);
  g_test_add_func("/flush/nothing-of-before-a-flush-comes-after-it",
                  test_nothing_of_before_a_flush_comes_after_it);
  g_test_add_func("/flush/the-first-frame-after-a-flush-is-inferred",
                  test_the_first_frame_after_a_flush_is_inferred);
  g_test_add_func("/flush/a-flush-does-not-revive-a-deactivated-pad",
                  test_a_flush_does_not_revive_a_deactivated_pad);
  g_test_add_func("/flush/an-event-refused-for-a-flush-is-no-error",
                  test_an_event_refused_for_a_flush_is_no_error);
  return g_test_run();
}
