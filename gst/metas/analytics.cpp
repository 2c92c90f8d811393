// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metas/analytics.h"

#include <gst/analytics/analytics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "utf8.h"

namespace torchclassify {
namespace {

using Meta = GstAnalyticsRelationMeta;

constexpr double kSameConfidence = 1e-5;  // a float's rounding

std::string text_of(GQuark quark) {
  return valid_utf8(g_quark_to_string(quark));
}

void read_location(GstAnalyticsODMtd* detection, Object& object) {
  int x = 0, y = 0, width = 0, height = 0;
  float rotation = 0, confidence = 0;
#if GST_CHECK_VERSION(1, 26, 0)
  gst_analytics_od_mtd_get_oriented_location(detection, &x, &y, &width, &height,
                                             &rotation, &confidence);
#else
  gst_analytics_od_mtd_get_location(detection, &x, &y, &width, &height,
                                    &confidence);
#endif
  object.x = x;
  object.y = y;
  object.width = width;
  object.height = height;
  object.rotation = rotation;
  object.confidence = confidence;
}

// Calls visit(mtd) for each of a type, until it returns false.
template <typename Visit>
void for_each(Meta* meta, GstAnalyticsMtdType type, Visit visit) {
  gpointer state = nullptr;
  GstAnalyticsMtd mtd{};
  while (gst_analytics_relation_meta_iterate(meta, &state, type, &mtd) &&
         visit(mtd)) {
  }
}

bool related(Meta* meta, guint a, guint b) {
  return gst_analytics_relation_meta_get_relation(meta, a, b) != 0 ||
         gst_analytics_relation_meta_get_relation(meta, b, a) != 0;
}

// A detector's list of all the classes that it knows is a classification, too:
// without confidences (0, or -1 for undefined).
std::vector<ObjectLabel> classes_of(GstAnalyticsClsMtd* classification) {
  std::vector<ObjectLabel> classes;
  const gsize count = gst_analytics_cls_mtd_get_length(classification);
  for (gsize i = 0; i < count; ++i) {
    const float level = gst_analytics_cls_mtd_get_level(classification, i);
    if (level > 0)  // not NaN
      classes.push_back(
          {text_of(gst_analytics_cls_mtd_get_quark(classification, i)), level});
  }
  return classes;
}

bool has_label(const Object& object, const ObjectLabel& label) {
  return std::any_of(object.labels.begin(), object.labels.end(),
                     [&](const ObjectLabel& known) {
                       return known.label == label.label &&
                              std::abs(known.confidence - label.confidence) <
                                  kSameConfidence;
                     });
}

void add_classes_of(GstAnalyticsClsMtd* classification, Object& object) {
  for (ObjectLabel& label : classes_of(classification))
    if (!has_label(object, label))
      object.labels.push_back(std::move(label));
}

int tracking_id_of(GstAnalyticsTrackingMtd* tracking) {
  constexpr int kMost = std::numeric_limits<int>::max();
  guint64 id = 0;
  const bool known = gst_analytics_tracking_mtd_get_info(tracking, &id, nullptr,
                                                         nullptr, nullptr);
  return known && id <= kMost ? static_cast<int>(id) : -1;
}

// Of the classifications: those that a detection is related to.
std::set<guint> ids_of_detections(Meta* meta) {
  std::set<guint> ids;
  for_each(meta, gst_analytics_od_mtd_get_mtd_type(),
           [&](const GstAnalyticsMtd& detection) {
             gpointer state = nullptr;
             GstAnalyticsMtd classification{};
             while (gst_analytics_relation_meta_get_direct_related(
                 meta, detection.id, GST_ANALYTICS_REL_TYPE_ANY,
                 gst_analytics_cls_mtd_get_mtd_type(), &state, &classification))
               ids.insert(classification.id);
             return true;
           });
  return ids;
}

bool is_related_to_a_detection(Meta* meta, guint classification) {
  GstAnalyticsMtd detection{};
  return gst_analytics_relation_meta_get_direct_related(
      meta, classification, GST_ANALYTICS_REL_TYPE_ANY,
      gst_analytics_od_mtd_get_mtd_type(), nullptr, &detection);
}

bool has(Meta* meta, guint detection) {
  GstAnalyticsODMtd found{};
  return gst_analytics_relation_meta_get_od_mtd(meta, detection, &found);
}

void relate(Meta* meta, guint detection, guint classification) {
  constexpr int kBoth =
      GST_ANALYTICS_REL_TYPE_RELATE_TO | GST_ANALYTICS_REL_TYPE_CONTAIN;
  // One call: a second one would overwrite the first.
  gst_analytics_relation_meta_set_relation(
      meta, static_cast<GstAnalyticsRelTypes>(kBoth), detection,
      classification);
  gst_analytics_relation_meta_set_relation(
      meta, GST_ANALYTICS_REL_TYPE_IS_PART_OF, classification, detection);
}

}  // namespace

std::vector<Object> detections_on(GstBuffer* buffer) {
  std::vector<Object> objects;
  Meta* meta = gst_buffer_get_analytics_relation_meta(buffer);
  if (!meta)
    return objects;
  for_each(meta, gst_analytics_od_mtd_get_mtd_type(),
           [&](GstAnalyticsMtd& detection) {
             Object& object = objects.emplace_back();
             object.label =
                 text_of(gst_analytics_od_mtd_get_obj_type(&detection));
             object.detection = detection.id;
             read_location(&detection, object);
             return true;
           });
  return objects;
}

void add_related(GstBuffer* buffer, Object& object) {
  Meta* meta = gst_buffer_get_analytics_relation_meta(buffer);
  if (!meta || !object.detection)
    return;
  for_each(meta, gst_analytics_tracking_mtd_get_mtd_type(),
           [&](GstAnalyticsMtd& tracking) {
             if (object.tracking_id < 0 &&
                 related(meta, *object.detection, tracking.id))
               object.tracking_id = tracking_id_of(&tracking);
             return object.tracking_id < 0;
           });
  for_each(meta, gst_analytics_cls_mtd_get_mtd_type(),
           [&](GstAnalyticsMtd& classification) {
             if (related(meta, *object.detection, classification.id))
               add_classes_of(&classification, object);
             return true;
           });
}

std::vector<std::vector<ObjectLabel>> lone_classifications_on(
    GstBuffer* buffer) {
  std::vector<std::vector<ObjectLabel>> found;
  Meta* meta = gst_buffer_get_analytics_relation_meta(buffer);
  if (!meta)
    return found;
  const std::set<guint> of_detections = ids_of_detections(meta);
  for_each(meta, gst_analytics_cls_mtd_get_mtd_type(),
           [&](GstAnalyticsMtd& classification) {
             std::vector<ObjectLabel> classes = classes_of(&classification);
             if (!classes.empty() &&
                 !of_detections.contains(classification.id) &&
                 !is_related_to_a_detection(meta, classification.id))
               found.push_back(std::move(classes));
             return true;
           });
  return found;
}

std::optional<guint> add_detection(GstBuffer* buffer, const Object& object) {
  GstAnalyticsODMtd detection{};
  const bool added = gst_analytics_relation_meta_add_od_mtd(
      gst_buffer_add_analytics_relation_meta(buffer),
      g_quark_from_string(object.label.c_str()), static_cast<int>(object.x),
      static_cast<int>(object.y), static_cast<int>(object.width),
      static_cast<int>(object.height), static_cast<float>(object.confidence),
      &detection);
  return added ? std::optional(detection.id) : std::nullopt;
}

void add_classes(GstBuffer* buffer, std::optional<guint> detection,
                 const std::vector<ObjectLabel>& classes) {
  std::vector<float> levels;
  std::vector<GQuark> quarks;
  for (const ObjectLabel& one : classes) {
    levels.push_back(static_cast<float>(one.confidence));
    quarks.push_back(g_quark_from_string(one.label.c_str()));
  }
  Meta* meta = detection ? gst_buffer_get_analytics_relation_meta(buffer)
                         : gst_buffer_add_analytics_relation_meta(buffer);
  if (classes.empty() || !meta || (detection && !has(meta, *detection)))
    return;
  GstAnalyticsClsMtd classification{};
  const bool added = gst_analytics_relation_meta_add_cls_mtd(
      meta, levels.size(), levels.data(), quarks.data(), &classification);
  if (added && detection)
    relate(meta, *detection, classification.id);
}

}  // namespace torchclassify
