// SPDX-License-Identifier: LGPL-2.1-or-later
#include "result_metas.h"

namespace support {
namespace {

constexpr char kName[] = "torchclassify";

void append(GValue* list, GstStructure* structure) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(&value, structure);
  gst_value_list_append_and_take_value(list, &value);
}

GstStructure* structure_of(const Class& c) {
  return gst_structure_new(
      "class", "label", G_TYPE_STRING, c.label.c_str(), "label-id", G_TYPE_INT,
      c.label_id, "confidence", G_TYPE_DOUBLE, c.confidence, "present",
      G_TYPE_BOOLEAN, static_cast<gboolean>(c.present), nullptr);
}

GstStructure* structure_of(const Result& r) {
  GstStructure* structure = gst_structure_new(
      "result", "region", G_TYPE_STRING, r.region.c_str(), "label",
      G_TYPE_STRING, r.label.c_str(), "label-id", G_TYPE_INT, r.label_id,
      "confidence", G_TYPE_DOUBLE, r.confidence, "age", G_TYPE_UINT64, r.age,
      "object-id", G_TYPE_INT, r.object_id, "object-class", G_TYPE_STRING,
      r.object_class.c_str(), "x", G_TYPE_INT, r.x, "y", G_TYPE_INT, r.y,
      "width", G_TYPE_INT, r.width, "height", G_TYPE_INT, r.height, nullptr);
  GValue top = G_VALUE_INIT;
  g_value_init(&top, GST_TYPE_LIST);
  for (const Class& c : r.top) append(&top, structure_of(c));
  gst_structure_take_value(structure, "top", &top);
  return structure;
}

void register_meta() {
  const char* tags[] = {nullptr};
  if (!gst_meta_get_info(kName))
    gst_meta_register_custom(kName, tags, nullptr, nullptr, nullptr);
}

}  // namespace

void put_results(GstBuffer* buffer, const std::vector<Result>& results,
                 const std::string& model) {
  register_meta();
  GstStructure* structure =
      gst_custom_meta_get_structure(gst_buffer_add_custom_meta(buffer, kName));
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  gst_structure_set(structure, "timestamp", G_TYPE_UINT64, pts, "stream-time",
                    G_TYPE_UINT64, pts, "running-time", G_TYPE_UINT64, pts,
                    "duration", G_TYPE_UINT64, GST_BUFFER_DURATION(buffer),
                    "model", G_TYPE_STRING, model.c_str(), nullptr);
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (const Result& result : results) append(&list, structure_of(result));
  gst_structure_take_value(structure, "results", &list);
}

void put_region(GstBuffer* buffer, const Region& region) {
  GstVideoRegionOfInterestMeta* meta =
      gst_buffer_add_video_region_of_interest_meta(
          buffer, region.object_class.c_str(), region.x, region.y, region.width,
          region.height);
  if (region.confidence > 0)
    gst_video_region_of_interest_meta_add_param(
        meta, gst_structure_new("detection", "confidence", G_TYPE_DOUBLE,
                                region.confidence, nullptr));
  if (!region.label.empty())
    gst_video_region_of_interest_meta_add_param(
        meta,
        gst_structure_new("roi/torchclassify", "label", G_TYPE_STRING,
                          region.label.c_str(), "label_id", G_TYPE_INT, 0,
                          "confidence", G_TYPE_DOUBLE, region.label_confidence,
                          "model_name", G_TYPE_STRING, "test", "type",
                          G_TYPE_STRING, "classification_result", nullptr));
}

}  // namespace support
