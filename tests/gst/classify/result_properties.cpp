// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties that say when frames are classified, and what is said of them.
#include <gst/video/video.h>

#include "located_frames.h"
#include "property_rows.h"
#include "reports.h"
#include "support/assert_text.h"

namespace support {
namespace {

// The label ids of frames with these values.
std::string labels(const Harness& harness, std::initializer_list<int> values) {
  std::string text;
  int index = 0;
  for (const int value : values) {
    g_autoptr(GstBuffer) out = passed(harness, frame(value, index++));
    text += text.empty() ? "" : " ";
    text += labels_on(out);
  }
  return text;
}

void assert_labels_with(const char* properties,
                        std::initializer_list<int> values,
                        const char* expected) {
  g_autofree char* all = g_strdup_printf("model-file=m %s", properties);
  const std::string got = labels(playing(all), values);
  g_assert_cmpstr(got.c_str(), ==, expected);
}

void mode_effect(void) {
  const Harness harness = playing("model-file=slow mode=latest");
  const gint64 before = g_get_monotonic_time();

  labels(harness, {1, 2, 3});

  g_assert_cmpint(g_get_monotonic_time() - before, <, 900'000);
}

void inference_interval_effect(void) {
  assert_labels_with("inference-interval=3", {1, 2, 3, 4}, "1 1 1 4");
}

void reclassify_interval_effect(void) {
  const Harness harness = playing_located(
      "model-file=m inference-region=roi-list reclassify-interval=0");

  for (int i = 0; i < 3; ++i) {
    GstBuffer* buffer = located_frame(i);
    add_object(buffer, "car", i, 1, 4, 4, 5);
    g_autoptr(GstBuffer) out = passed(harness, buffer);
    assert_text(labels_on(out), "16");
  }
}

// As late as the next frames will be, too.
void send_qos(const Harness& harness) {
  gst_harness_push_upstream_event(
      harness.get(),
      gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 0.5, GST_SECOND, 0));
}

void qos_effect(void) {
  for (const bool qos : {true, false}) {
    g_autofree char* properties =
        g_strdup_printf("model-file=m qos=%s", qos ? "true" : "false");
    const Harness harness = playing(properties);
    send_qos(harness);
    labels(harness, {1, 2});
    g_assert_cmpuint(counter(harness, "skipped"), ==, qos ? 2 : 0);
  }
}

void full_frame_object_effect(void) {
  const Harness harness = playing("model-file=m full-frame-object=true");

  g_autoptr(GstBuffer) out = passed(harness, frame(3, 0));

  auto* object = gst_buffer_get_video_region_of_interest_meta(out);
  g_assert_nonnull(object);
  g_assert_cmpuint(object->w, ==, 8);
  g_assert_cmpuint(object->h, ==, 4);
}

bool has_tensor(GstBuffer* buffer) {
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta(buffer, &state)) {
    if (g_str_equal(g_type_name(meta->info->api), "GstTensorMetaAPI"))
      return true;
  }
  return false;
}

// Whether this was built for a GStreamer that has them; else one error.
bool tensors_are_there(void) {
  Lone lone("m");
  g_object_set(lone.element, "tensor-meta", TRUE, nullptr);
  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);
  if (result == GST_STATE_CHANGE_SUCCESS)
    return true;
  assert_one_error(lone.bus, GST_STREAM_ERROR,
                   GST_STREAM_ERROR_NOT_IMPLEMENTED);
  return false;
}

void tensor_meta_effect(void) {
  if (!tensors_are_there()) {
    g_test_skip("built for a GStreamer older than 1.26");
    return;
  }
  const Harness harness = playing("model-file=m tensor-meta=true");

  g_autoptr(GstBuffer) out = passed(harness, frame(3, 0));

  g_assert_true(has_tensor(out));
}

// Where there are none, playing goes on without, with one warning.
void tensor_meta_misuse(void) {
  const Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "tensor-meta", TRUE, nullptr);
  const std::string got = labels(harness, {1, 2});

  g_assert_cmpstr(got.c_str(), ==, "1 2");
  g_assert_cmpint(said_on(bus.get()).warnings, ==, tensors_are_there() ? 0 : 1);
}

// The fake engine is sure of each class by 0.75.
void class_confidence_threshold_effect(void) {
  assert_labels_with("class-confidence-threshold=0.7", {1, 2}, "1 2");
  assert_labels_with("class-confidence-threshold=0.8", {1, 2}, "-1 -1");
}

void smoothing_time_effect(void) {
  assert_labels_with("smoothing-time=1000000000", {20, 20, 120}, "20 20 20");
}

void hysteresis_effect(void) {
  assert_labels_with("hysteresis=0.8", {20, 120}, "20 20");
}

void min_dwell_effect(void) {
  assert_labels_with("min-dwell=80000000", {20, 120, 120}, "20 20 120");
}

void top_k_effect(void) {
  const Harness harness = playing("model-file=m top-k=3");

  g_autoptr(GstBuffer) out = passed(harness, frame(3, 0));

  g_assert_cmpint(results_on(out).at(0).classes, ==, 3);
}

// Of 256 classes: all, not an error.
void top_k_misuse(void) {
  const Harness harness = playing("model-file=m top-k=1000");

  g_autoptr(GstBuffer) out = passed(harness, frame(3, 0));

  g_assert_cmpint(results_on(out).at(0).classes, ==, 256);
}

void post_messages_effect(void) {
  constexpr struct {
    const char* when;
    int messages;
  } kCases[] = {{"none", 0}, {"change", 2}, {"all", 3}};
  for (const auto& c : kCases) {
    g_autofree char* properties =
        g_strdup_printf("model-file=m post-messages=%s", c.when);
    const Harness harness = playing(properties);
    const HarnessBus bus(harness);
    labels(harness, {1, 1, 2});
    g_assert_cmpint(said_on(bus.get()).named("torchclassify"), ==, c.messages);
  }
}

constexpr PropertyRow kRows[] = {
    {"mode", mode_effect, nullptr, "sometimes"},
    {"inference-interval", inference_interval_effect, nullptr, "0"},
    {"reclassify-interval", reclassify_interval_effect, nullptr, "-1"},
    {"qos", qos_effect, nullptr, "maybe"},
    {"full-frame-object", full_frame_object_effect, nullptr, "maybe"},
    {"tensor-meta", tensor_meta_effect, tensor_meta_misuse, "maybe"},
    {"class-confidence-threshold", class_confidence_threshold_effect, nullptr,
     "1.5"},
    {"smoothing-time", smoothing_time_effect, nullptr, "-1"},
    {"hysteresis", hysteresis_effect, nullptr, "nan"},
    {"min-dwell", min_dwell_effect, nullptr, "a-while"},
    {"top-k", top_k_effect, top_k_misuse, "0"},
    {"post-messages", post_messages_effect, nullptr, "often"},
};

}  // namespace

std::span<const PropertyRow> result_property_rows() { return kRows; }

}  // namespace support
