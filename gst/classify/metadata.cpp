// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata.h"

#include "timing.h"

namespace torchclassify {
namespace {

std::string class_name(const FrameResult& result, int id) {
  if (id < 0 || static_cast<std::size_t>(id) >= result.classes->size())
    return kUnknownLabel;
  return (*result.classes)[id];
}

void append(GValue* list, GstStructure* structure) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(&value, structure);
  gst_value_list_append_and_take_value(list, &value);
}

void set_top(GstStructure* structure, const FrameResult& result) {
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (const Prediction& prediction : result.top)
    append(&list,
           gst_structure_new(
               "class", "label", G_TYPE_STRING,
               class_name(result, prediction.label_id).c_str(), "label-id",
               G_TYPE_INT, prediction.label_id, "confidence", G_TYPE_DOUBLE,
               static_cast<double>(prediction.confidence), nullptr));
  gst_structure_take_value(structure, "top", &list);
}

GstStructure* region_structure(const FrameResult& result) {
  const int id = reported_label_id(result);
  GstStructure* structure = gst_structure_new(
      "result", "region", G_TYPE_STRING, "full-frame", "label", G_TYPE_STRING,
      class_name(result, id).c_str(), "label-id", G_TYPE_INT, id, "confidence",
      G_TYPE_DOUBLE, static_cast<double>(result.top.front().confidence), "age",
      G_TYPE_UINT64, static_cast<guint64>(result.age_ns), "object-id",
      G_TYPE_INT, -1, "x", G_TYPE_INT, 0, "y", G_TYPE_INT, 0, "width",
      G_TYPE_INT, result.width, "height", G_TYPE_INT, result.height, nullptr);
  set_top(structure, result);
  return structure;
}

}  // namespace

void register_meta() {
  const char* tags[] = {nullptr};
  if (!gst_meta_get_info(kMetaName))
    gst_meta_register_custom(kMetaName, tags, nullptr, nullptr, nullptr);
}

int reported_label_id(const FrameResult& result) {
  if (result.top.empty() || result.top.front().confidence < result.threshold)
    return kUnknownLabelId;
  return result.top.front().label_id;
}

StructurePtr result_structure(const FrameResult& result, GstBuffer* buffer,
                              const GstSegment& segment) {
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const GstClockTime stream_time = stream_time_of(segment, pts);
  const GstClockTime running_time = running_time_of(segment, pts);
  StructurePtr structure(gst_structure_new(
      kMetaName, "timestamp", G_TYPE_UINT64, pts, "stream-time", G_TYPE_UINT64,
      stream_time, "running-time", G_TYPE_UINT64, running_time, "duration",
      G_TYPE_UINT64, GST_BUFFER_DURATION(buffer), "model", G_TYPE_STRING,
      result.model.c_str(), nullptr));
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  if (!result.top.empty())
    append(&list, region_structure(result));
  gst_structure_take_value(structure.get(), "results", &list);
  return structure;
}

void add_frame_meta(GstBuffer* buffer, const GstStructure* structure) {
  GstCustomMeta* meta = gst_buffer_add_custom_meta(buffer, kMetaName);
  GstStructure* target = gst_custom_meta_get_structure(meta);
  gst_structure_foreach(
      structure,
      [](GQuark field, const GValue* value, gpointer data) -> gboolean {
        gst_structure_id_set_value(static_cast<GstStructure*>(data), field,
                                   value);
        return TRUE;
      },
      target);
}

void add_frame_object(GstBuffer* buffer, const FrameResult& result) {
  const int id = reported_label_id(result);
  const std::string label = class_name(result, id);
  GstVideoRegionOfInterestMeta* meta =
      gst_buffer_add_video_region_of_interest_meta(buffer, label.c_str(), 0, 0,
                                                   result.width, result.height);
  gst_video_region_of_interest_meta_add_param(
      meta, gst_structure_new(
                kRoiParamName, "label", G_TYPE_STRING, label.c_str(),
                "label_id", G_TYPE_INT, id, "confidence", G_TYPE_DOUBLE,
                static_cast<double>(result.top.front().confidence),
                "model_name", G_TYPE_STRING, result.model.c_str(), "type",
                G_TYPE_STRING, "classification_result", nullptr));
}

}  // namespace torchclassify
