// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties that say what of a frame is classified.
#include "located_frames.h"
#include "property_rows.h"
#include "reports.h"

namespace support {
namespace {

// The labels of a car 4x4 at 1,1 and a person 8x8 at 3,1, or of what else is
// classified.
void assert_labels(const Harness& harness, const char* expected) {
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 1, 1, 4, 4);
  add_object(buffer, "person", 3, 1, 8, 8);
  g_autoptr(GstBuffer) out = passed(harness, buffer);
  const std::string labels = labels_on(out);
  g_assert_cmpstr(labels.c_str(), ==, expected);
}

void assert_labels_with(const char* properties, const char* expected) {
  g_autofree char* all = g_strdup_printf("model-file=m %s", properties);
  assert_labels(playing_located(all), expected);
}

// With one error that has the word, and the state stays NULL.
void assert_not_ready(const char* properties, const char* word) {
  g_autofree char* line =
      g_strdup_printf("torchclassify model-file=m %s", properties);
  const ElementPtr element(
      GST_ELEMENT(gst_object_ref_sink(gst_parse_launch(line, nullptr))));
  const BusPtr bus(gst_bus_new());
  gst_element_set_bus(element.get(), bus.get());

  const auto result = gst_element_set_state(element.get(), GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint(GST_STATE(element.get()), ==, GST_STATE_NULL);
  const Said said = said_on(bus.get());
  g_assert_cmpint(said.errors, ==, 1);
  g_assert_nonnull(g_strstr_len(said.text.c_str(), -1, word));
  gst_element_set_bus(element.get(), nullptr);
}

// While playing: one warning, and frames pass as they are told to.
void assert_warned(const char* properties, const char* property, guint value) {
  g_autofree char* all =
      g_strdup_printf("model-file=m inference-region=roi-list %s", properties);
  const Harness harness = playing_located(all);
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), property, value, nullptr);

  for (int i = 0; i < 3; ++i) assert_labels(harness, "");
  const Said said = said_on(bus.get());
  g_assert_cmpint(said.warnings, ==, 1);
  g_assert_nonnull(g_strstr_len(said.text.c_str(), -1, property));
}

void inference_region_effect(void) {
  assert_labels_with("inference-region=full-frame", "0");
  assert_labels_with("inference-region=roi-list", "17 19");
}

void inference_region_misuse(void) {
  assert_not_ready("inference-region=static", "static-regions");
}

void static_regions_effect(void) {
  assert_labels_with("inference-region=static static-regions=\"a=0,1,2,2\"",
                     "16");
}

void static_regions_misuse(void) {
  assert_not_ready("static-regions=\"a=0,1,2\"", "\"a=0,1,2\"");
}

void object_class_effect(void) {
  assert_labels_with("inference-region=roi-list object-class=person", "19");
}

// Nothing is of such a class: frames pass without labels.
void object_class_misuse(void) {
  assert_labels_with("inference-region=roi-list object-class=\"car;person\"",
                     "");
}

void object_min_width_effect(void) {
  assert_labels_with("inference-region=roi-list object-min-width=5", "19");
}

void object_min_width_misuse(void) {
  assert_not_ready("object-min-width=9 object-max-width=8",
                   "object-max-width, got 9 and 8");
  assert_warned("object-max-width=8", "object-min-width", 9);
}

void object_min_height_effect(void) {
  assert_labels_with("inference-region=roi-list object-min-height=5", "19");
}

void object_min_height_misuse(void) {
  assert_not_ready("object-min-height=9 object-max-height=8",
                   "object-max-height, got 9 and 8");
  assert_warned("object-max-height=8", "object-min-height", 9);
}

void object_max_width_effect(void) {
  assert_labels_with("inference-region=roi-list object-max-width=4", "17");
}

void object_max_width_misuse(void) {
  assert_warned("object-min-width=9", "object-max-width", 8);
}

void object_max_height_effect(void) {
  assert_labels_with("inference-region=roi-list object-max-height=4", "17");
}

void object_max_height_misuse(void) {
  assert_warned("object-min-height=9", "object-max-height", 8);
}

constexpr PropertyRow kRows[] = {
    {"inference-region", inference_region_effect, inference_region_misuse,
     nullptr},
    {"static-regions", static_regions_effect, static_regions_misuse, nullptr},
    {"object-class", object_class_effect, object_class_misuse, nullptr},
    {"object-min-width", object_min_width_effect, object_min_width_misuse,
     nullptr},
    {"object-min-height", object_min_height_effect, object_min_height_misuse,
     nullptr},
    {"object-max-width", object_max_width_effect, object_max_width_misuse,
     nullptr},
    {"object-max-height", object_max_height_effect, object_max_height_misuse,
     nullptr},
};

}  // namespace

std::span<const PropertyRow> region_property_rows() { return kRows; }

}  // namespace support
