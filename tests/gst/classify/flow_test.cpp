// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of refusals, ends and settings; engine as in fake_engine.cpp.
#include "classify_harness.h"

namespace {

using namespace support;

// Makes everything that arrives downstream be answered with one flow return.
class Answer {
 public:
  Answer(const Harness& harness, GstFlowReturn flow)
      : pad_(GST_PAD(gst_object_ref(harness->sinkpad))), flow_(flow) {
    probe_ = gst_pad_add_probe(pad_.get(), GST_PAD_PROBE_TYPE_BUFFER, answer,
                               this, nullptr);
  }
  ~Answer() { gst_pad_remove_probe(pad_.get(), probe_); }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  int count() const { return g_atomic_int_get(&count_); }

 private:
  static GstPadProbeReturn answer(GstPad*, GstPadProbeInfo* info,
                                  gpointer data) {
    auto* self = static_cast<Answer*>(data);
    gst_buffer_unref(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = nullptr;
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = self->flow_;
    g_atomic_int_inc(&self->count_);
    return GST_PAD_PROBE_HANDLED;
  }

  const PadPtr pad_;
  const GstFlowReturn flow_;
  gulong probe_ = 0;
  mutable int count_ = 0;
};

// Pushes frames until one is not accepted.
GstFlowReturn push_until_refused(const Harness& harness) {
  GstFlowReturn flow = GST_FLOW_OK;
  for (int i = 0; i < 5000 && flow == GST_FLOW_OK; ++i) {
    flow = gst_harness_push(harness.get(), frame(1, i));
    g_usleep(1000);
  }
  return flow;
}

void pull_event(const Harness& harness, GstEventType type) {
  while (true) {
    g_autoptr(GstEvent) event = gst_harness_pull_event(harness.get());
    g_assert_nonnull(event);
    if (GST_EVENT_TYPE(event) == type)
      return;
  }
}

int errors_on(const HarnessBus& bus) {
  int errors = 0;
  while (GstMessage* message =
             gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)) {
    ++errors;
    gst_message_unref(message);
  }
  return errors;
}

// Otherwise a sink that wants no more waits for its EOS for ever.
void test_the_end_passes_where_no_frame_is_wanted(void) {
  Harness harness = playing("model-file=m");
  const Answer answer(harness, GST_FLOW_EOS);

  g_assert_cmpint(push_until_refused(harness), ==, GST_FLOW_EOS);
  g_assert_true(gst_harness_push_event(harness.get(), gst_event_new_eos()));

  pull_event(harness, GST_EVENT_EOS);
  g_assert_cmpint(answer.count(), ==, 1);
}

void test_a_new_segment_is_wanted_again(void) {
  Harness harness = playing("model-file=m");
  {
    const Answer answer(harness, GST_FLOW_EOS);
    g_assert_cmpint(push_until_refused(harness), ==, GST_FLOW_EOS);
  }

  push_segment(harness);
  g_assert_cmpint(gst_harness_push(harness.get(), frame(7, 0)), ==,
                  GST_FLOW_OK);

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 7);
}

// The slow engine lets the end be queued behind the frame.
void test_a_failure_after_the_end_is_reported(void) {
  Harness harness = playing("model-file=slow");
  const HarnessBus bus(harness);
  const Answer answer(harness, GST_FLOW_NOT_NEGOTIATED);
  gst_harness_push(harness.get(), frame(1, 0));

  gst_harness_push_event(harness.get(), gst_event_new_eos());

  pull_event(harness, GST_EVENT_EOS);
  assert_one_error(bus.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
}

void test_an_engine_error_after_the_end_is_one_error(void) {
  Harness harness = playing("model-file=slow");
  const HarnessBus bus(harness);
  gst_harness_push(harness.get(), frame(13, 0));

  gst_harness_push_event(harness.get(), gst_event_new_eos());

  pull_event(harness, GST_EVENT_EOS);
  assert_one_error(bus.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
}

void test_a_failure_before_the_end_is_reported(void) {
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);
  const Answer answer(harness, GST_FLOW_NOT_NEGOTIATED);
  gst_harness_push(harness.get(), frame(1, 0));
  while (answer.count() == 0) g_usleep(1000);
  g_usleep(50'000);

  gst_harness_push_event(harness.get(), gst_event_new_eos());

  for (int i = 0; i < 500 && !gst_bus_have_pending(bus.get()); ++i)
    g_usleep(10'000);
  g_assert_cmpint(errors_on(bus), ==, 1);
}

void test_upstream_that_knows_reports_the_failure_itself(void) {
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);
  const Answer answer(harness, GST_FLOW_NOT_NEGOTIATED);

  g_assert_cmpint(push_until_refused(harness), ==, GST_FLOW_NOT_NEGOTIATED);
  gst_harness_push_event(harness.get(), gst_event_new_eos());

  g_assert_cmpint(errors_on(bus), ==, 0);
}

void test_a_pad_linked_again_goes_on(void) {
  Harness harness = playing("model-file=m");
  {
    const Answer answer(harness, GST_FLOW_NOT_LINKED);
    g_assert_cmpint(push_until_refused(harness), ==, GST_FLOW_NOT_LINKED);
  }

  gst_harness_push_upstream_event(harness.get(), gst_event_new_reconfigure());
  g_assert_cmpint(gst_harness_push(harness.get(), frame(7, 0)), ==,
                  GST_FLOW_OK);

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 7);
}

// An appsrc's default.
void test_a_segment_in_bytes_is_no_obstacle(void) {
  Harness harness = playing("model-file=m");

  push_segment(harness, GST_FORMAT_BYTES);
  gst_harness_push(harness.get(), frame(7, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 7);
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, "torchclassify");
  guint64 running_time = 0;
  gst_structure_get_uint64(gst_custom_meta_get_structure(meta), "running-time",
                           &running_time);
  g_assert_cmpuint(running_time, ==, GST_CLOCK_TIME_NONE);
}

// The first frame of mode=latest has no result yet.
void test_a_frame_without_a_result_is_not_copied(void) {
  Harness harness = playing("model-file=slow mode=latest");
  g_autoptr(GstBuffer) kept = frame(1, 0);

  gst_harness_push(harness.get(), gst_buffer_ref(kept));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_true(buffer == kept);
}

void test_a_result_is_never_replaced_by_an_older_one(void) {
  Harness harness = playing("model-file=m mode=latest inference-interval=2");
  const ElementPtr element = element_of(harness);
  int index = 0;
  for (int label = -2; label != 5;) {
    gst_harness_push(harness.get(), frame(5, index++));
    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    label = label_of(buffer);
  }
  index += index % 2;
  g_object_set(element.get(), "mode", 0, "inference-interval", 1, nullptr);
  gst_harness_push(harness.get(), frame(6, index));
  gst_buffer_unref(gst_harness_pull(harness.get()));

  g_object_set(element.get(), "inference-interval", 1000, nullptr);
  gst_harness_push(harness.get(), frame(7, index + 1));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 6);
}

void test_latency_is_that_of_the_open_model(void) {
  Harness harness = playing("model-file=m batch-timeout=2000000");
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "batch-timeout", guint64{9'000'000}, nullptr);

  g_assert_cmpuint(gst_harness_query_latency(harness.get()), ==,
                   11 * GST_MSECOND);
}

// Of a stream that follows another one, without a flush.
void start_stream(const Harness& harness, const char* id) {
  gst_harness_push_event(harness.get(), gst_event_new_stream_start(id));
  gst_harness_set_src_caps_str(harness.get(), kCaps);
}

void test_a_stream_takes_no_label_of_the_one_before(void) {
  Harness harness = playing("model-file=m inference-interval=1000");
  start_stream(harness, "first");
  gst_harness_push(harness.get(), frame(5, 0));
  start_stream(harness, "first");
  gst_harness_push(harness.get(), frame(6, 1));
  start_stream(harness, "second");
  GstBuffer* gap = frame(7, 2);
  GST_BUFFER_FLAG_SET(gap, GST_BUFFER_FLAG_GAP);
  gst_harness_push(harness.get(), gap);
  start_stream(harness, "third");
  gst_harness_push(harness.get(), frame(8, 3));

  for (const int label : {5, 5, -2, 8}) {
    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    g_assert_cmpint(label_of(buffer), ==, label);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/flow/the-end-passes-where-no-frame-is-wanted",
                  test_the_end_passes_where_no_frame_is_wanted);
  g_test_add_func("/flow/a-new-segment-is-wanted-again",
                  test_a_new_segment_is_wanted_again);
  g_test_add_func("/flow/a-failure-after-the-end-is-reported",
                  test_a_failure_after_the_end_is_reported);
  g_test_add_func("/flow/an-engine-error-after-the-end-is-one-error",
                  test_an_engine_error_after_the_end_is_one_error);
  g_test_add_func("/flow/a-failure-before-the-end-is-reported",
                  test_a_failure_before_the_end_is_reported);
  g_test_add_func("/flow/upstream-that-knows-reports-the-failure-itself",
                  test_upstream_that_knows_reports_the_failure_itself);
  g_test_add_func("/flow/a-pad-linked-again-goes-on",
                  test_a_pad_linked_again_goes_on);
  g_test_add_func("/flow/a-segment-in-bytes-is-no-obstacle",
                  test_a_segment_in_bytes_is_no_obstacle);
  g_test_add_func("/flow/a-frame-without-a-result-is-not-copied",
                  test_a_frame_without_a_result_is_not_copied);
  g_test_add_func("/flow/a-result-is-never-replaced-by-an-older-one",
                  test_a_result_is_never_replaced_by_an_older_one);
  g_test_add_func("/flow/latency-is-that-of-the-open-model",
                  test_latency_is_that_of_the_open_model);
  g_test_add_func("/flow/a-stream-takes-no-label-of-the-one-before",
                  test_a_stream_takes_no_label_of_the_one_before);
  return g_test_run();
}
