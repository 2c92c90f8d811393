// SPDX-License-Identifier: LGPL-2.1-or-later
#include "region_chooser.h"

#include <utility>

#include "errors.h"

namespace torchclassify {
namespace {

// Read of one frame, so that hostile metadata costs little.
constexpr std::size_t kMostObjects = 1024;

std::set<std::string> parse_classes(const std::string& text) {
  std::set<std::string> classes;
  g_auto(GStrv) names = g_strsplit(text.c_str(), ",", -1);
  for (char** name = names; *name; ++name) {
    if (*g_strstrip(*name))
      classes.insert(*name);
  }
  return classes;
}

// 0: no limit.
bool is_within(int side, guint least, guint most) {
  const auto pixels = static_cast<guint>(side);
  return pixels >= least && (most == 0 || pixels <= most);
}

Region full_frame(const GstVideoInfo& info) {
  return {.name = kFullFrame,
          .box = {0, 0, info.width, info.height},
          .turned = std::nullopt,
          .object = std::nullopt,
          .key = kFullFrame};
}

Region region_of(Object object, const Cutout& cutout) {
  std::string key;
  if (object.tracking_id >= 0)
    key = "object " + std::to_string(object.tracking_id);
  return {.name = kObject,
          .box = cutout.box,
          .turned = cutout.turned,
          .object = std::move(object),
          .key = std::move(key)};
}

}  // namespace

void RegionChooser::take_static_regions(const std::string& text) try {
  static_text_ = text;
  static_ = parse_static_regions(text);
} catch (const std::exception& e) {
  post_warning(element_, e);
}

void RegionChooser::note_contradiction(const FrameSettings& settings) {
  const auto found = contradiction_of_regions(settings, !static_.empty());
  const std::string text = found ? found->what() : "";
  if (std::exchange(contradiction_, text) != text && found)
    post_warning(element_, *found);
}

void RegionChooser::note_settings(const FrameSettings& settings) {
  if (settings.static_regions != static_text_)
    take_static_regions(settings.static_regions);
  if (settings.object_class != class_text_) {
    class_text_ = settings.object_class;
    classes_ = parse_classes(class_text_);
  }
  note_contradiction(settings);
}

bool RegionChooser::is_wanted(const Object& object, const Box& box,
                              const FrameSettings& settings) const {
  return (classes_.empty() || classes_.contains(object.label)) &&
         is_within(box.width, settings.object_min_width,
                   settings.object_max_width) &&
         is_within(box.height, settings.object_min_height,
                   settings.object_max_height);
}

std::vector<Region> RegionChooser::objects(GstBuffer* buffer,
                                           const GstVideoInfo& info,
                                           const FrameSettings& settings) {
  std::vector<Region> regions;
  for (Object& object : objects_on(buffer, kMostObjects)) {
    const auto cutout = cut_out(object, info.width, info.height);
    if (cutout && !is_wanted(object, cutout->box, settings))
      continue;
    if (cutout && regions.size() < kMostRegions)
      regions.push_back(region_of(std::move(object), *cutout));
    else
      ++counters_.left_out;
  }
  return regions;
}

std::vector<Region> RegionChooser::static_regions(const GstVideoInfo& info) {
  std::vector<Region> regions;
  for (const StaticRegion& region : static_) {
    if (const auto box = region.box(info.width, info.height))
      regions.push_back({.name = region.name,
                         .box = *box,
                         .turned = std::nullopt,
                         .object = std::nullopt,
                         .key = "static " + region.name});
    else
      ++counters_.left_out;
  }
  return regions;
}

std::vector<Region> RegionChooser::choose(GstBuffer* buffer,
                                          const GstVideoInfo& info,
                                          const FrameSettings& settings) {
  note_settings(settings);
  switch (settings.inference_region) {
    case InferenceRegion::kRoiList:
      return objects(buffer, info, settings);
    case InferenceRegion::kStatic:
      return static_regions(info);
    case InferenceRegion::kFullFrame:
      break;
  }
  return {full_frame(info)};
}

}  // namespace torchclassify
