// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata.h"

#include <string>
#include <utility>

#include "metas/objects.h"
#include "timing.h"

namespace torchclassify {
namespace {

std::string class_name(const OpenModel& model, int id) {
  const std::vector<std::string>& names = model.classifier->classes();
  if (id < 0 || static_cast<std::size_t>(id) >= names.size())
    return kUnknownLabel;
  return names[id];
}

void append(GValue* list, GstStructure* structure) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(&value, structure);
  gst_value_list_append_and_take_value(list, &value);
}

void set_top(GstStructure* structure, const OpenModel& model,
             const Verdict& verdict) {
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (const Verdict::Class& each : verdict.top)
    append(&list,
           gst_structure_new("class", "label", G_TYPE_STRING,
                             class_name(model, each.label_id).c_str(),
                             "label-id", G_TYPE_INT, each.label_id,
                             "confidence", G_TYPE_DOUBLE, each.confidence,
                             "present", G_TYPE_BOOLEAN, each.present, nullptr));
  gst_structure_take_value(structure, "top", &list);
}

GstStructure* region_structure(const OpenModel& model,
                               const RegionResult& result) {
  const Region& region = *result.region;
  const Verdict& verdict = *result.verdict;
  GstStructure* structure = gst_structure_new(
      "result", "region", G_TYPE_STRING, region.name.c_str(), "label",
      G_TYPE_STRING, class_name(model, verdict.label_id).c_str(), "label-id",
      G_TYPE_INT, verdict.label_id, "confidence", G_TYPE_DOUBLE,
      verdict.confidence, "age", G_TYPE_UINT64,
      static_cast<guint64>(result.age_ns), "object-id", G_TYPE_INT,
      region.object ? region.object->tracking_id : -1, "object-class",
      G_TYPE_STRING, region.object ? region.object->label.c_str() : "", "x",
      G_TYPE_INT, region.box.x, "y", G_TYPE_INT, region.box.y, "width",
      G_TYPE_INT, region.box.width, "height", G_TYPE_INT, region.box.height,
      nullptr);
  set_top(structure, model, verdict);
  return structure;
}

// What is reported comes first: consumers show the first.
Classified classified_of(const OpenModel& model, const Verdict& verdict) {
  Classified classified{.model = model.name,
                        .label = class_name(model, verdict.label_id),
                        .label_id = verdict.label_id,
                        .confidence = verdict.confidence,
                        .top = {}};
  classified.top.push_back({classified.label, verdict.confidence});
  for (const Verdict::Class& each : verdict.top) {
    if (verdict.label_id != kUnknownLabelId &&
        each.label_id != verdict.label_id)
      classified.top.push_back(
          {class_name(model, each.label_id), each.confidence});
  }
  return classified;
}

// As the element messages of GStreamer's own begin.
StructurePtr timed_structure(const char* name, GstBuffer* buffer,
                             const GstSegment& segment) {
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const GstClockTime stream_time = stream_time_of(segment, pts);
  const GstClockTime running_time = running_time_of(segment, pts);
  return StructurePtr(gst_structure_new(
      name, "timestamp", G_TYPE_UINT64, pts, "stream-time", G_TYPE_UINT64,
      stream_time, "running-time", G_TYPE_UINT64, running_time, nullptr));
}

}  // namespace

void register_meta() {
  const char* tags[] = {nullptr};
  if (!gst_meta_get_info(kMetaName))
    gst_meta_register_custom(kMetaName, tags, nullptr, nullptr, nullptr);
}

StructurePtr result_structure(const FrameResult& result, GstBuffer* buffer,
                              const GstSegment& segment) {
  StructurePtr structure = timed_structure(kMetaName, buffer, segment);
  gst_structure_set(structure.get(), "duration", G_TYPE_UINT64,
                    GST_BUFFER_DURATION(buffer), "model", G_TYPE_STRING,
                    result.model->name.c_str(), nullptr);
  if (result.stream)
    gst_structure_set(structure.get(), "stream", G_TYPE_UINT, *result.stream,
                      nullptr);
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (const RegionResult& region : result.regions)
    append(&list, region_structure(*result.model, region));
  gst_structure_take_value(structure.get(), "results", &list);
  return structure;
}

StructurePtr model_structure(const OpenModel& model, GstBuffer* buffer,
                             const GstSegment& segment) {
  StructurePtr structure =
      timed_structure("torchclassify-model", buffer, segment);
  gst_structure_set(structure.get(), "model", G_TYPE_STRING, model.name.c_str(),
                    "model-file", G_TYPE_STRING, model.file.c_str(), nullptr);
  return structure;
}

void post_message(GstElement* element, StructurePtr structure) {
  gst_element_post_message(
      element,
      gst_message_new_element(GST_OBJECT(element), structure.release()));
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

void add_classifications(GstBuffer* buffer, const FrameResult& result,
                         bool full_frame_object) {
  for (const RegionResult& each : result.regions) {
    const Region& region = *each.region;
    const Classified classified = classified_of(*result.model, *each.verdict);
    if (region.object)
      add_classification(buffer, &*region.object, classified);
    if (region.name != kFullFrame)
      continue;
    if (full_frame_object)
      add_full_frame_object(buffer, result.width, result.height, classified);
    else
      add_classification(buffer, nullptr, classified);
  }
}

}  // namespace torchclassify
