// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metas/regions.h"

#include <algorithm>

#include "utf8.h"

namespace torchclassify {
namespace {

using Region = GstVideoRegionOfInterestMeta;

constexpr char kParam[] = "roi/torchclassify";
constexpr char kFullFrame[] = "full-frame";  // a field of kParam
// A mark as well: an element that scales drops the parameters (GStreamer 1.22
// to 1.26), but not the parent. No region has this id.
constexpr int kFullFrameParent = -0x7c1a55;

Region* next_region(GstBuffer* buffer, gpointer* state) {
  return reinterpret_cast<Region*>(gst_buffer_iterate_meta_filtered(
      buffer, state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE));
}

bool is_full_frame(const Region* region) {
  gboolean marked = region->parent_id == kFullFrameParent;
  for (const GList* at = region->params; at && !marked; at = at->next) {
    const auto* param = static_cast<const GstStructure*>(at->data);
    if (gst_structure_has_name(param, kParam))
      gst_structure_get_boolean(param, kFullFrame, &marked);
  }
  return marked;
}

void read_detection(const GstStructure* param, Object& object) {
  gst_structure_get_double(param, "confidence", &object.confidence);
  gst_structure_get_double(param, "rotation", &object.rotation);
}

void read_tracking_id(const GstStructure* param, Object& object) {
  gst_structure_get_int(param, "id", &object.tracking_id);
  object.tracking_id = std::max(object.tracking_id, -1);
}

void read_label(const GstStructure* param, Object& object) {
  const char* label = gst_structure_get_string(param, "label");
  double confidence = 0;
  if (label && gst_structure_get_double(param, "confidence", &confidence))
    object.labels.push_back({valid_utf8(label), confidence});
}

void read_param(const GstStructure* param, Object& object) {
  if (gst_structure_has_name(param, "detection"))
    read_detection(param, object);
  else if (gst_structure_has_name(param, "object_id"))
    read_tracking_id(param, object);
  else
    read_label(param, object);
}

Object read_region(const Region* region) {
  Object object;
  object.label = valid_utf8(g_quark_to_string(region->roi_type));
  object.x = region->x;
  object.y = region->y;
  object.width = region->w;
  object.height = region->h;
  object.region_of_interest = region->id;
  object.region_meta = region;
  for (const GList* at = region->params; at; at = at->next)
    read_param(static_cast<const GstStructure*>(at->data), object);
  return object;
}

bool is_at(const Region* region, const Object& object) {
  return region->id == object.region_of_interest && region->x == object.x &&
         region->y == object.y && region->w == object.width &&
         region->h == object.height;
}

// Where a buffer was copied, its metas are others, but say the same.
Region* region_of(GstBuffer* buffer, const Object& object) {
  Region* found = nullptr;
  gpointer state = nullptr;
  while (Region* region = next_region(buffer, &state)) {
    if (!is_at(region, object))
      continue;
    if (region == object.region_meta)
      return region;
    if (!found &&
        valid_utf8(g_quark_to_string(region->roi_type)) == object.label)
      found = region;
  }
  return found;
}

GstStructure* param_of(const Classified& classified) {
  return gst_structure_new(
      kParam, "label", G_TYPE_STRING,
      valid_utf8(classified.label.c_str()).c_str(), "label_id", G_TYPE_INT,
      classified.label_id, "confidence", G_TYPE_DOUBLE, classified.confidence,
      "model_name", G_TYPE_STRING, valid_utf8(classified.model.c_str()).c_str(),
      "type", G_TYPE_STRING, "classification_result", nullptr);
}

}  // namespace

Regions regions_on(GstBuffer* buffer, std::size_t limit) {
  Regions regions;
  gpointer state = nullptr;
  while (regions.objects.size() < limit) {
    const Region* region = next_region(buffer, &state);
    if (!region)
      break;
    (is_full_frame(region) ? regions.left_out : regions.objects)
        .push_back(read_region(region));
  }
  return regions;
}

void add_region_label(GstBuffer* buffer, const Object& object,
                      const Classified& classified) {
  if (Region* region = region_of(buffer, object))
    gst_video_region_of_interest_meta_add_param(region, param_of(classified));
}

void add_full_frame_region(GstBuffer* buffer, int width, int height,
                           std::optional<guint> detection,
                           const Classified& classified) {
  Region* region = gst_buffer_add_video_region_of_interest_meta(
      buffer, valid_utf8(classified.label.c_str()).c_str(), 0, 0, width,
      height);
  region->id = static_cast<int>(detection.value_or(0));
  region->parent_id = kFullFrameParent;
  GstStructure* param = param_of(classified);
  gst_structure_set(param, kFullFrame, G_TYPE_BOOLEAN, TRUE, nullptr);
  gst_video_region_of_interest_meta_add_param(region, param);
}

}  // namespace torchclassify
