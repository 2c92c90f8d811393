// SPDX-License-Identifier: LGPL-2.1-or-later
#include "random_settings.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <utility>

namespace support {
namespace {

constexpr std::size_t kMostRegions = 64;  // of a frame

constexpr const char* kModes[] = {"every-frame", "every-frame", "every-frame",
                                  "latest"};
constexpr const char* kRegions[] = {"full-frame", "roi-list", "roi-list",
                                    "static"};
constexpr const char* kPosts[] = {"none", "change", "all"};
constexpr const char* kClasses[] = {"car", "car, person", "person,traffic sign",
                                    ",,", "bicycle"};
constexpr guint kIntervals[] = {1, 1, 1, 1, 2, 3, G_MAXINT};
constexpr guint kReclassify[] = {1, 1, 1, 0, 2, 5, G_MAXINT};
constexpr double kThresholds[] = {0, 0, 0.5, 0.75, 0.76, 1};
constexpr guint64 kTimes[] = {1, GST_MSECOND, GST_SECOND, G_MAXINT64};
constexpr guint kTopK[] = {1, 1, 2, 5, 255, 256, 1000};
constexpr const char* kUnusable[] = {
    "a",
    "=1,2,3,4",
    "a=1,2,3",
    "a=1,2,3,4,5",
    "a=-1,0,1,1",
    "a=nan,0,1,1",
    "a=0,0,0,1",
    "a=0,0,1,1;a=0,0,2,2",
    "a=1e999,0,1,1",
    "object=0,0,1,1",
    "\xff\xfe=0,0,1",
    "a=0,0,0x10,1",
};

// By pixel centres: a pixel whose middle is inside counts.
int edge(double value, int side) {
  return static_cast<int>(std::floor(std::clamp<double>(value, 0, side) + 0.5));
}

bool cut(Place& place, double x, double y, double width, double height,
         const RandomFrame& frame) {
  place.x = edge(x, frame.width());
  place.y = edge(y, frame.height());
  place.width = edge(x + width, frame.width()) - place.x;
  place.height = edge(y + height, frame.height()) - place.y;
  return place.width > 0 && place.height > 0;
}

// The smallest and the largest, no further from 0 than this.
std::pair<double, double> within(const std::vector<double>& values,
                                 double half) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {std::max(*least, -half), std::min(*most, half)};
}

bool names_class(const char* classes, const char* type) {
  g_auto(GStrv) names = g_strsplit(classes, ",", -1);
  bool any = false;
  for (char** name = names; *name; ++name) {
    g_strstrip(*name);
    any = any || **name;
    if (*type && std::strcmp(*name, type) == 0)
      return true;
  }
  return !any;
}

bool is_wanted(const RandomObject& object, const Place& place,
               const RandomSettings& settings) {
  const auto width = static_cast<guint>(place.width);
  const auto height = static_cast<guint>(place.height);
  return (!settings.object_class ||
          names_class(settings.object_class, object.type)) &&
         width >= settings.object_min_width &&
         height >= settings.object_min_height &&
         (settings.object_max_width == 0 ||
          width <= settings.object_max_width) &&
         (settings.object_max_height == 0 ||
          height <= settings.object_max_height);
}

// Of the object's rectangle, what is between the frame's corners as seen along
// its sides; its own corners then tell what is around that.
bool cut_turned(Place& place, const RandomObject& object,
                const RandomFrame& frame) {
  using Point = std::complex<double>;
  if (!std::isfinite(object.rotation))
    return false;
  const Point turn = std::polar(1.0, object.rotation);
  const Point center(object.x + object.width / 2.0,
                     object.y + object.height / 2.0);
  const double width = frame.width();
  const double height = frame.height();
  std::vector<double> across;
  std::vector<double> down;
  for (const Point corner :
       {Point(0, 0), Point(width, 0), Point(0, height), Point(width, height)}) {
    const Point seen = (corner - center) * std::conj(turn);
    across.push_back(seen.real());
    down.push_back(seen.imag());
  }
  const auto [left, right] = within(across, object.width / 2.0);
  const auto [top, bottom] = within(down, object.height / 2.0);
  if (!(left < right && top < bottom))
    return false;
  std::vector<double> columns;
  std::vector<double> rows;
  for (const Point corner : {Point(left, top), Point(right, top),
                             Point(left, bottom), Point(right, bottom)}) {
    const Point at = center + corner * turn;
    columns.push_back(at.real());
    rows.push_back(at.imag());
  }
  const Point middle =
      center + Point((left + right) / 2, (top + bottom) / 2) * turn;
  place.turned = {middle.real(), middle.imag(), right - left, bottom - top,
                  object.rotation};
  const auto [first, last] =
      std::minmax_element(columns.begin(), columns.end());
  const auto [upper, lower] = std::minmax_element(rows.begin(), rows.end());
  return cut(place, *first, *upper, *last - *first, *lower - *upper, frame);
}

std::vector<Place> objects_of(const RandomFrame& frame,
                              const RandomSettings& settings,
                              guint64* left_out) {
  std::vector<Place> places;
  for (const RandomObject& object : frame.objects()) {
    Place place{.name = "object",
                .track = object.tracked ? std::max(-1, object.track) : -1};
    const bool inside = object.rotation != 0
                            ? cut_turned(place, object, frame)
                            : cut(place, object.x, object.y, object.width,
                                  object.height, frame);
    if (inside && !is_wanted(object, place, settings))
      continue;
    if (inside && places.size() < kMostRegions)
      places.push_back(place);
    else
      ++*left_out;
  }
  return places;
}

std::vector<Place> named_of(const RandomFrame& frame,
                            const std::vector<NamedPlace>& named,
                            guint64* left_out) {
  std::vector<Place> places;
  for (const NamedPlace& each : named) {
    const bool shares =
        std::max({each.x, each.y, each.width, each.height}) <= 1;
    const double across = shares ? frame.width() : 1;
    const double down = shares ? frame.height() : 1;
    Place place{.name = each.name};
    if (cut(place, each.x * across, each.y * down, each.width * across,
            each.height * down, frame))
      places.push_back(place);
    else
      ++*left_out;
  }
  return places;
}

}  // namespace

RandomSettings::RandomSettings(Random& random) {
  mode = random.pick(kModes);
  inference_region = random.pick(kRegions);
  choose_static_regions(random);
  if (random.chance(20))
    object_class = random.pick(kClasses);
  if (random.chance(15)) {
    object_min_width = static_cast<guint>(random.within(0, 20));
    object_min_height = static_cast<guint>(random.within(0, 20));
    object_max_width = static_cast<guint>(random.within(0, 60));
    object_max_height = static_cast<guint>(random.within(0, 60));
  }
  full_frame_object = random.chance(20);
  inference_interval = random.pick(kIntervals);
  reclassify_interval = random.pick(kReclassify);
  threshold = random.pick(kThresholds);
  if (random.chance(15))
    smoothing_time = random.pick(kTimes);
  if (random.chance(15))
    hysteresis = random.within(0, 4) / 4.0;
  if (random.chance(15))
    min_dwell = random.pick(kTimes);
  top_k = random.pick(kTopK);
  post_messages = random.pick(kPosts);
  qos = random.chance(50);
}

void RandomSettings::choose_static_regions(Random& random) {
  static_regions_are_text = random.chance(90);
  if (!static_regions_are_text) {
    static_regions = random.pick(kUnusable);
    return;
  }
  const int count = random.chance(3) ? 64 : random.within(0, 4);
  for (int i = 0; i < count; ++i) {
    const bool shares = random.chance(40);
    const auto number = [&](int least) {
      return shares ? random.within(least, 8) / 8.0 : random.within(least, 80);
    };
    named.push_back({"gate " + std::to_string(i), number(0), number(0),
                     number(1), number(1)});
    const NamedPlace& place = named.back();
    g_autofree char* text = g_strdup_printf(
        "%s%s = %g,%g, %g,%g", i > 0 ? ";" : "", place.name.c_str(), place.x,
        place.y, place.width, place.height);
    static_regions += text;
  }
}

bool RandomSettings::can_begin() const {
  const auto contradict = [](guint least, guint most) {
    return most != 0 && least > most;
  };
  return static_regions_are_text &&
         (std::strcmp(inference_region, "static") != 0 || !named.empty()) &&
         !contradict(object_min_width, object_max_width) &&
         !contradict(object_min_height, object_max_height);
}

void RandomSettings::apply(GstElement* element) const {
  gst_util_set_object_arg(G_OBJECT(element), "mode", mode);
  gst_util_set_object_arg(G_OBJECT(element), "inference-region",
                          inference_region);
  gst_util_set_object_arg(G_OBJECT(element), "post-messages", post_messages);
  g_object_set(element, "static-regions", static_regions.c_str(),
               "object-class", object_class, "object-min-width",
               object_min_width, "object-min-height", object_min_height,
               "object-max-width", object_max_width, "object-max-height",
               object_max_height, "full-frame-object", full_frame_object,
               "inference-interval", inference_interval, "reclassify-interval",
               reclassify_interval, "class-confidence-threshold", threshold,
               "smoothing-time", smoothing_time, "hysteresis", hysteresis,
               "min-dwell", min_dwell, "top-k", top_k, "qos", qos, nullptr);
}

std::vector<Place> places_of(const RandomFrame& frame,
                             const RandomSettings& settings,
                             const std::vector<NamedPlace>& named,
                             guint64* left_out) {
  if (std::strcmp(settings.inference_region, "roi-list") == 0)
    return objects_of(frame, settings, left_out);
  if (std::strcmp(settings.inference_region, "static") == 0)
    return named_of(frame, named, left_out);
  return {{.name = "full-frame",
           .x = 0,
           .y = 0,
           .width = frame.width(),
           .height = frame.height()}};
}

}  // namespace support
