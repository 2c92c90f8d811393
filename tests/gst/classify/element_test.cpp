// SPDX-License-Identifier: LGPL-2.1-or-later
// The element's behaviour, with an engine whose answers are known.
#include "classify_harness.h"
#include "support/rows.h"

namespace {

using namespace support;

void test_frames_keep_order_and_result(gconstpointer data) {
  const int count = GPOINTER_TO_INT(data);
  Harness harness = playing("model-file=random");

  for (int i = 0; i < count; ++i)
    g_assert_cmpint(gst_harness_push(harness.get(), frame(20 + i, i)), ==,
                    GST_FLOW_OK);
  gst_harness_push_event(harness.get(), gst_event_new_eos());

  for (int i = 0; i < count; ++i) {
    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    g_assert_cmpint(label_of(buffer), ==, 20 + i);
    g_assert_cmpuint(GST_BUFFER_PTS(buffer), ==, i * kFrame);
  }
  g_assert_null(gst_harness_try_pull(harness.get()));
  g_assert_cmpuint(counter(harness, "frames"), ==, count);
}

void test_caps_wait_for_earlier_frames(void) {
  Harness harness = playing("model-file=random");
  gst_harness_push(harness.get(), frame(1, 0));
  gst_harness_set_src_caps_str(harness.get(),
                               "video/x-raw,format=GRAY8,width=4,height=4");
  gst_harness_push(harness.get(), frame(2, 1, 16));

  g_autoptr(GstBuffer) first = gst_harness_pull(harness.get());
  g_autoptr(GstBuffer) second = gst_harness_pull(harness.get());

  int width = 0;
  gst_structure_get_int(result_of(first), "width", &width);
  g_assert_cmpint(width, ==, 8);
  gst_structure_get_int(result_of(second), "width", &width);
  g_assert_cmpint(width, ==, 4);
  g_assert_cmpint(label_of(second), ==, 2);
}

void test_flush_is_prompt_while_inference_hangs(void) {
  Harness harness = playing("model-file=slow");
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gint64 shortest = G_MAXINT64;  // microseconds; a busy machine adds some

  for (int i = 0; i < 3; ++i) {
    gst_harness_push(harness.get(), frame(1, i));
    const gint64 before = g_get_monotonic_time();
    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    shortest = MIN(shortest, g_get_monotonic_time() - before);
    gst_harness_push_event(harness.get(), gst_event_new_segment(&segment));
  }

  g_assert_cmpint(shortest, <, 50'000);
  gst_harness_push(harness.get(), frame(2, 0));
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 2);
}

void test_latest_mode_never_waits(void) {
  Harness harness = playing("model-file=slow mode=latest");
  const gint64 before = g_get_monotonic_time();

  for (int i = 0; i < 3; ++i) gst_harness_push(harness.get(), frame(i, i));
  for (int i = 0; i < 3; ++i) gst_buffer_unref(gst_harness_pull(harness.get()));

  // One inference takes a second.
  g_assert_cmpint(g_get_monotonic_time() - before, <, 900'000);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 1);
}

void test_late_frames_are_not_inferred(void) {
  Harness harness = playing("model-file=m");
  gst_harness_push(harness.get(), frame(5, 0));
  g_autoptr(GstBuffer) first = gst_harness_pull(harness.get());
  gst_harness_push_upstream_event(
      harness.get(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 0.5, kFrame, 0));

  gst_harness_push(harness.get(), frame(6, 1));

  g_autoptr(GstBuffer) late = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(late), ==, 5);
  guint64 age = 0;
  gst_structure_get_uint64(result_of(late), "age", &age);
  g_assert_cmpuint(age, ==, kFrame);
  g_assert_cmpuint(counter(harness, "skipped"), ==, 1);
  g_assert_cmpuint(counter(harness, "stale"), ==, 1);
}

void test_latency_is_timeout_and_inference(void) {
  Harness harness = playing("model-file=m batch-timeout=2000000");
  gst_harness_set_upstream_latency(harness.get(), 10 * GST_MSECOND);

  const GstClockTime latency = gst_harness_query_latency(harness.get());

  // And two milliseconds for threads to wake up in.
  g_assert_cmpuint(latency, ==, 21 * GST_MSECOND);
}

struct BadModel {
  const char* name;
  const char* model;
  const char* device;
  GQuark (*domain)(void);
  int code;
};
constexpr BadModel kBadModels[] = {
    {"an-absent-file", "absent", "auto", gst_resource_error_quark,
     GST_RESOURCE_ERROR_NOT_FOUND},
    {"an-unreadable-file", "unreadable", "auto", gst_resource_error_quark,
     GST_RESOURCE_ERROR_OPEN_READ},
    {"bad-data", "bad", "auto", gst_stream_error_quark,
     GST_STREAM_ERROR_DECODE},
    {"an-unsupported-model", "unsupported", "auto", gst_stream_error_quark,
     GST_STREAM_ERROR_NOT_IMPLEMENTED},
    {"an-unknown-device", "m", "toaster", gst_library_error_quark,
     GST_LIBRARY_ERROR_INIT},
    {"no-model-file", "", "auto", gst_resource_error_quark,
     GST_RESOURCE_ERROR_NOT_FOUND},
};

void test_opening_fails_once_and_can_be_retried(gconstpointer data) {
  const auto& c = *static_cast<const BadModel*>(data);
  Lone lone(c.model);
  g_object_set(lone.element, "device", c.device, nullptr);

  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint(GST_STATE(lone.element), ==, GST_STATE_NULL);
  assert_one_error(lone.bus, c.domain(), c.code);
  g_object_set(lone.element, "device", "cpu", "model-file", "m", nullptr);
  g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_READY), ==,
                  GST_STATE_CHANGE_SUCCESS);
}

void test_a_missing_library_is_one_error(void) {
  g_autofree char* library = g_strdup(g_getenv("TORCHCLASSIFY_LIBRARY"));
  g_setenv("TORCHCLASSIFY_LIBRARY", "/nowhere/libtorchclassify.so.0", TRUE);
  Lone lone("m");

  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_setenv("TORCHCLASSIFY_LIBRARY", library, TRUE);
  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  assert_one_error(lone.bus, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT);
}

struct Hostile {
  const char* name;
  gsize bytes;
  bool meta;
  guint width;
  gsize offset;
  int stride;
};
constexpr Hostile kHostile[] = {
    {"short-memory", 31, false, 8, 0, 8},
    {"no-memory", 0, false, 8, 0, 8},
    {"offset-outside", 32, true, 8, 4096, 8},
    {"offset-too-far", 32, true, 8, 1, 8},
    {"absurd-offset", 32, true, 8, G_MAXSIZE, 8},
    {"absurd-stride", 32, true, 8, 0, G_MAXINT},
    {"negative-stride", 32, true, 8, 0, -8},
    {"short-stride", 32, true, 8, 0, 4},
    {"smaller-meta", 32, true, 4, 0, 8},
};

void test_hostile_buffers_are_refused(gconstpointer data) {
  const auto& c = *static_cast<const Hostile*>(data);
  Harness harness = playing("model-file=m");
  GstBuffer* buffer = frame(1, 0, c.bytes);
  if (c.meta) {
    GstVideoMeta* meta = gst_buffer_add_video_meta(
        buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 8, 4);
    meta->width = c.width;
    meta->offset[0] = c.offset;
    meta->stride[0] = c.stride;
  }

  const GstFlowReturn flow = gst_harness_push(harness.get(), buffer);

  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
}

void test_an_engine_error_reaches_upstream(void) {
  Harness harness = playing("model-file=m");
  gst_harness_push(harness.get(), frame(13, 0));

  GstFlowReturn flow = GST_FLOW_OK;
  for (int i = 1; i < 500 && flow == GST_FLOW_OK; ++i) {
    flow = gst_harness_push(harness.get(), frame(1, i));
    g_usleep(1000);
  }

  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
  g_assert_null(gst_harness_try_pull(harness.get()));
}

void test_nan_gives_no_label(void) {
  Harness harness = playing("model-file=m");

  gst_harness_push(harness.get(), frame(14, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, -2);
  g_assert_cmpuint(counter(harness, "not-finite"), ==, 1);
}

void test_low_confidence_is_unknown(void) {
  Harness harness = playing("model-file=m class-confidence-threshold=0.8");

  gst_harness_push(harness.get(), frame(3, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, -1);
  g_assert_cmpstr(gst_structure_get_string(result_of(buffer), "label"), ==,
                  "unknown");
}

void test_the_whole_frame_becomes_an_object(void) {
  Harness harness = playing("model-file=m full-frame-object=true");

  gst_harness_push(harness.get(), frame(3, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  auto* roi = gst_buffer_get_video_region_of_interest_meta(buffer);
  g_assert_nonnull(roi);
  g_assert_cmpuint(roi->w, ==, 8);
  GstStructure* param =
      gst_video_region_of_interest_meta_get_param(roi, "roi/torchclassify");
  g_assert_cmpstr(gst_structure_get_string(param, "label"), ==, "class 3");
}

void test_messages_are_posted_on_change(void) {
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);

  const int values[] = {1, 1, 2, 2, 1};
  for (int i = 0; i < 5; ++i) {
    gst_harness_push(harness.get(), frame(values[i], i));
    gst_buffer_unref(gst_harness_pull(harness.get()));
  }

  int messages = 0;
  while (GstMessage* message =
             gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT)) {
    ++messages;
    gst_message_unref(message);
  }
  g_assert_cmpint(messages, ==, 3);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  for (int count : {1, 2, 3, 5, 8, 40}) {
    g_autofree char* path =
        g_strdup_printf("/element/frames-keep-order-and-result/%d", count);
    g_test_add_data_func(path, GINT_TO_POINTER(count),
                         test_frames_keep_order_and_result);
  }
  g_test_add_func("/element/caps-wait-for-earlier-frames",
                  test_caps_wait_for_earlier_frames);
  g_test_add_func("/element/flush-is-prompt-while-inference-hangs",
                  test_flush_is_prompt_while_inference_hangs);
  g_test_add_func("/element/latest-mode-never-waits",
                  test_latest_mode_never_waits);
  g_test_add_func("/element/late-frames-are-not-inferred",
                  test_late_frames_are_not_inferred);
  g_test_add_func("/element/latency-is-timeout-and-inference",
                  test_latency_is_timeout_and_inference);
  support::add_rows("/element/opening-fails-once-and-can-be-retried",
                    kBadModels, test_opening_fails_once_and_can_be_retried);
  g_test_add_func("/element/a-missing-library-is-one-error",
                  test_a_missing_library_is_one_error);
  support::add_rows("/element/hostile-buffers-are-refused", kHostile,
                    test_hostile_buffers_are_refused);
  g_test_add_func("/element/an-engine-error-reaches-upstream",
                  test_an_engine_error_reaches_upstream);
  g_test_add_func("/element/nan-gives-no-label", test_nan_gives_no_label);
  g_test_add_func("/element/low-confidence-is-unknown",
                  test_low_confidence_is_unknown);
  g_test_add_func("/element/the-whole-frame-becomes-an-object",
                  test_the_whole_frame_becomes_an_object);
  g_test_add_func("/element/messages-are-posted-on-change",
                  test_messages_are_posted_on_change);
  return g_test_run();
}
