// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metas/objects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "metas/analytics.h"
#include "metas/regions.h"
#include "torchclassify/results.h"
#include "utf8.h"

namespace torchclassify {
namespace {

constexpr double kSameConfidence = 1e-5;  // a float's rounding
// GStreamer's objectdetectionoverlay writes a label above its box, in 10 point.
// Pixels; so much of a high enough frame is left free for it.
constexpr int kLabelHeight = 24;

using Box = std::array<double, 4>;

Box box_of(const Object& object) {
  return {object.x, object.y, object.width, object.height};
}

bool has_id(const Object& region, const Object& detection) {
  return *region.region_of_interest == static_cast<int>(*detection.detection);
}

// Finds the region meta's object that is a detection's, too.
class RegionIndex {
 public:
  explicit RegionIndex(const std::vector<Object>& objects) {
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const Object& object = objects[i];
      by_id_.emplace(std::pair(box_of(object), *object.region_of_interest), i);
      by_label_.emplace(std::pair(box_of(object), object.label), i);
    }
  }

  std::optional<std::size_t> find(const Object& detection) const {
    const int id = static_cast<int>(*detection.detection);
    const auto same_id = by_id_.find({box_of(detection), id});
    if (same_id != by_id_.end())
      return same_id->second;
    const auto same_label =
        by_label_.find({box_of(detection), detection.label});
    if (same_label != by_label_.end())
      return same_label->second;
    return std::nullopt;
  }

 private:
  std::map<std::pair<Box, int>, std::size_t> by_id_;
  std::map<std::pair<Box, std::string>, std::size_t> by_label_;
};

// Its two boxes differ, see kLabelHeight.
bool is_left_out(const Regions& regions, const Object& detection) {
  return std::any_of(regions.left_out.begin(), regions.left_out.end(),
                     [&](const Object& region) {
                       return has_id(region, detection) &&
                              region.label == detection.label;
                     });
}

// A second detection with the same box and label says nothing new.
void merge(Object& region, const Object& detection) {
  if (region.detection)
    return;
  region.detection = detection.detection;
  if (region.label.empty())
    region.label = detection.label;
  if (region.confidence == 0)
    region.confidence = detection.confidence;
  if (region.rotation == 0)
    region.rotation = detection.rotation;
}

bool is_same(const ObjectLabel& one, const char* label, double confidence) {
  return one.label == label &&
         std::abs(one.confidence - confidence) <= kSameConfidence;
}

bool says(const TorchClassifyResult& result, const ObjectLabel& one) {
  if (is_same(one, result.label, result.confidence))
    return true;
  return std::any_of(result.top, result.top + result.n_top,
                     [&](const TorchClassifyClass& each) {
                       return is_same(one, each.label, each.confidence);
                     });
}

// Whether the meta of an element torchclassify says all of it. The order may
// be another: a label that is held is the first, if not the most confident.
bool is_own(GstBuffer* buffer, const std::vector<ObjectLabel>& classes) {
  gpointer state = nullptr;
  while (true) {
    g_autoptr(TorchClassifyFrame) frame =
        torchclassify_frame_next(buffer, &state);
    if (!frame)
      return false;
    for (guint i = 0; i < frame->n_results; ++i)
      if (std::all_of(classes.begin(), classes.end(),
                      [&](const ObjectLabel& one) {
                        return says(frame->results[i], one);
                      }))
        return true;
  }
}

// What analytics consumers get: valid, and never nothing.
std::vector<ObjectLabel> classes_of(const Classified& classified) {
  std::vector<ObjectLabel> classes = classified.top;
  if (classes.empty())
    classes.push_back({classified.label, classified.confidence});
  for (ObjectLabel& one : classes) one.label = valid_utf8(one.label.c_str());
  return classes;
}

}  // namespace

std::vector<Object> objects_on(GstBuffer* buffer, std::size_t limit) {
  Regions regions = regions_on(buffer, limit);
  std::vector<Object>& objects = regions.objects;
  std::vector<Object> detections = detections_on(buffer);
  if (detections.empty())
    return std::move(objects);
  const RegionIndex index(objects);
  for (Object& detection : detections) {
    if (is_left_out(regions, detection))
      continue;
    if (const auto known = index.find(detection))
      merge(objects[*known], detection);
    else if (objects.size() < limit)
      objects.push_back(std::move(detection));
  }
  for (Object& object : objects) add_related(buffer, object);
  return std::move(objects);
}

std::vector<std::vector<ObjectLabel>> frame_labels_on(GstBuffer* buffer) {
  std::vector<std::vector<ObjectLabel>> found = lone_classifications_on(buffer);
  for (std::vector<ObjectLabel>& classes : found)
    std::stable_sort(classes.begin(), classes.end(),
                     [](const ObjectLabel& a, const ObjectLabel& b) {
                       return a.confidence > b.confidence;
                     });
  std::erase_if(found, [&](const std::vector<ObjectLabel>& classes) {
    return is_own(buffer, classes);
  });
  return found;
}

void add_classification(GstBuffer* buffer, const Object* object,
                        const Classified& classified) {
  if (!object)
    return add_classes(buffer, std::nullopt, classes_of(classified));
  if (object->region_of_interest)
    add_region_label(buffer, *object, classified);
  if (object->detection)
    add_classes(buffer, object->detection, classes_of(classified));
}

void add_full_frame_object(GstBuffer* buffer, int width, int height,
                           const Classified& classified) {
  const int top = height >= 4 * kLabelHeight ? kLabelHeight : 0;
  Object frame;
  frame.label = valid_utf8(classified.label.c_str());
  frame.confidence = classified.confidence;
  frame.y = top;
  frame.width = width;
  frame.height = height - top;
  const std::optional<guint> detection = add_detection(buffer, frame);
  if (detection)
    add_classes(buffer, detection, classes_of(classified));
  add_full_frame_region(buffer, width, height, detection, classified);
}

}  // namespace torchclassify
