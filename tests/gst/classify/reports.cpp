// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reports.h"

#include <algorithm>

namespace support {
namespace {

Result result_in(const GstStructure* structure) {
  Result result;
  result.region = gst_structure_get_string(structure, "region");
  result.label = gst_structure_get_string(structure, "label");
  result.object_class = gst_structure_get_string(structure, "object-class");
  const gboolean complete = gst_structure_get(
      structure, "label-id", G_TYPE_INT, &result.label_id, "confidence",
      G_TYPE_DOUBLE, &result.confidence, "age", G_TYPE_UINT64, &result.age,
      "object-id", G_TYPE_INT, &result.object_id, "x", G_TYPE_INT, &result.x,
      "y", G_TYPE_INT, &result.y, "width", G_TYPE_INT, &result.width, "height",
      G_TYPE_INT, &result.height, nullptr);
  g_assert_true(complete);
  result.classes = static_cast<int>(
      gst_value_list_get_size(gst_structure_get_value(structure, "top")));
  return result;
}

std::string labels_in(const std::vector<Result>& results) {
  std::string labels;
  for (const Result& result : results) {
    labels += labels.empty() ? "" : " ";
    labels += std::to_string(result.label_id);
  }
  return labels;
}

void note_failure(Said& said, GstMessage* message) {
  g_autoptr(GError) error = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    ++said.errors;
    gst_message_parse_error(message, &error, nullptr);
  } else {
    ++said.warnings;
    gst_message_parse_warning(message, &error, nullptr);
  }
  said.text = error->message;
  g_test_message("said: %s", error->message);
}

void note(Said& said, GstMessage* message) {
  const GstMessageType type = GST_MESSAGE_TYPE(message);
  if (type == GST_MESSAGE_ERROR || type == GST_MESSAGE_WARNING)
    note_failure(said, message);
  if (type != GST_MESSAGE_ELEMENT)
    return;
  const GstStructure* structure = gst_message_get_structure(message);
  said.names.push_back(gst_structure_get_name(structure));
  if (said.names.back() == "torchclassify")
    said.labels.push_back(labels_in(results_in(structure)));
}

void take_all(Said& said, GstBus* bus) {
  while (GstMessage* message = gst_bus_pop(bus)) {
    note(said, message);
    gst_message_unref(message);
  }
}

}  // namespace

std::vector<Result> results_in(const GstStructure* structure) {
  std::vector<Result> results;
  if (!structure)
    return results;
  const GValue* list = gst_structure_get_value(structure, "results");
  for (guint i = 0; i < gst_value_list_get_size(list); ++i)
    results.push_back(
        result_in(gst_value_get_structure(gst_value_list_get_value(list, i))));
  return results;
}

std::vector<Result> results_on(GstBuffer* buffer) {
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, "torchclassify");
  return results_in(meta ? gst_custom_meta_get_structure(meta) : nullptr);
}

std::string labels_on(GstBuffer* buffer) {
  return labels_in(results_on(buffer));
}

int Said::named(const char* name) const {
  return static_cast<int>(std::count(names.begin(), names.end(), name));
}

Said said_on(GstBus* bus) {
  Said said;
  take_all(said, bus);
  return said;
}

Said said_at_last(GstBus* bus) {
  constexpr auto kSaid = static_cast<GstMessageType>(
      GST_MESSAGE_ERROR | GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT);
  GstMessage* first = gst_bus_timed_pop_filtered(bus, 10 * GST_SECOND, kSaid);
  g_assert_nonnull(first);
  Said said;
  note(said, first);
  gst_message_unref(first);
  take_all(said, bus);
  return said;
}

}  // namespace support
