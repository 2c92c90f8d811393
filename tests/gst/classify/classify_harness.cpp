// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classify_harness.h"

namespace support {

Harness make_harness(const char* properties) {
  g_autofree char* line = g_strdup_printf("torchclassify %s", properties);
  return Harness(gst_harness_new_parse(line));
}

Harness playing(const char* properties) {
  Harness harness = make_harness(properties);
  gst_harness_set_src_caps_str(harness.get(), kCaps);
  return harness;
}

ElementPtr element_of(const Harness& harness) {
  return ElementPtr(gst_harness_find_element(harness.get(), "torchclassify"));
}

HarnessBus::HarnessBus(const Harness& harness)
    : element_(element_of(harness)), bus_(gst_bus_new()) {
  gst_element_set_bus(element_.get(), bus_.get());
}

HarnessBus::~HarnessBus() { gst_element_set_bus(element_.get(), nullptr); }

GstBuffer* frame(int value, int index, gsize bytes) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, bytes, nullptr);
  gst_buffer_memset(buffer, 0, value, bytes);
  GST_BUFFER_PTS(buffer) = index * kFrame;
  GST_BUFFER_DURATION(buffer) = kFrame;
  return buffer;
}

void push_segment(const Harness& harness, GstFormat format) {
  GstSegment segment;
  gst_segment_init(&segment, format);
  g_assert_true(
      gst_harness_push_event(harness.get(), gst_event_new_segment(&segment)));
}

const GstStructure* result_of(GstBuffer* buffer) {
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, "torchclassify");
  if (!meta)
    return nullptr;
  const GValue* list =
      gst_structure_get_value(gst_custom_meta_get_structure(meta), "results");
  g_assert_cmpuint(gst_value_list_get_size(list), ==, 1);
  return gst_value_get_structure(gst_value_list_get_value(list, 0));
}

int label_of(GstBuffer* buffer) {
  const GstStructure* result = result_of(buffer);
  int label = -2;
  if (result)
    gst_structure_get_int(result, "label-id", &label);
  return label;
}

guint64 counter(const Harness& harness, const char* name) {
  const ElementPtr element = element_of(harness);
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(element.get(), "stats", &stats, nullptr);
  guint64 value = G_MAXUINT64;
  g_assert_true(gst_structure_get_uint64(stats, name, &value));
  return value;
}

void assert_one_error(GstBus* bus, GQuark domain, int code) {
  g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
  g_assert_nonnull(message);
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  g_test_message("got: %s", error->message);
  g_assert_true(g_error_matches(error, domain, code));
  g_assert_null(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
}

void assert_one_warning(GstBus* bus, GQuark domain, int code) {
  g_autoptr(GstMessage) message =
      gst_bus_timed_pop_filtered(bus, 30 * GST_SECOND, GST_MESSAGE_WARNING);
  g_assert_nonnull(message);
  g_autoptr(GError) error = nullptr;
  gst_message_parse_warning(message, &error, nullptr);
  g_test_message("got: %s", error->message);
  g_assert_true(g_error_matches(error, domain, code));
  g_assert_null(gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING));
}

void wait_for(const char* what, const std::function<bool()>& there) {
  for (int i = 0; i < 30'000; ++i) {
    if (there())
      return;
    g_usleep(1000);
  }
  g_error("expected %s within 30 s, got none", what);
}

std::string first_class(GstElement* element) {
  g_autoptr(GstStructure) info = nullptr;
  g_object_get(element, "model-info", &info, nullptr);
  const GValue* classes = gst_structure_get_value(info, "classes");
  return g_value_get_string(gst_value_list_get_value(classes, 0));
}

void wait_for_first_class(GstElement* element, const char* name) {
  wait_for(name, [&] { return first_class(element) == name; });
}

void assert_next_label(const Harness& harness, const char* label) {
  gst_harness_push(harness.get(), frame(30, 0));
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpstr(gst_structure_get_string(result_of(buffer), "label"), ==,
                  label);
}

Lone::Lone(const char* model)
    : element(gst_element_factory_make("torchclassify", nullptr)),
      bus(gst_bus_new()) {
  gst_object_ref_sink(element);
  gst_element_set_bus(element, bus);
  g_object_set(element, "model-file", model, nullptr);
}

Lone::~Lone() {
  gst_element_set_state(element, GST_STATE_NULL);
  gst_element_set_bus(element, nullptr);
  gst_object_unref(bus);
  gst_object_unref(element);
}

}  // namespace support
