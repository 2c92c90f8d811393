// SPDX-License-Identifier: LGPL-2.1-or-later
// Random values of the properties, and which regions they make of a frame.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>
#include <vector>

#include "random_frames.h"

namespace support {

// Part of a frame that a result is about.
struct Place {
  std::string name;
  int x;
  int y;
  int width;
  int height;
  std::optional<torchclassify::TurnedBox> turned;
  int track = -1;
};

struct NamedPlace {
  std::string name;
  double x;  // pixels, or shares if all four are at most 1
  double y;
  double width;
  double height;
};

struct RandomSettings {
  explicit RandomSettings(Random& random);
  void apply(GstElement* element) const;

  // Whether the element begins with them.
  bool can_begin() const;
  // Whether the label is the newest result's best class.
  bool has_plain_labels() const {
    return smoothing_time == 0 && hysteresis == 0 && min_dwell == 0;
  }

  const char* mode = "every-frame";
  const char* inference_region = "full-frame";
  std::string static_regions;
  bool static_regions_are_text = true;  // false: they cannot be used
  std::vector<NamedPlace> named;        // what static_regions says
  const char* object_class = nullptr;
  guint object_min_width = 0;
  guint object_min_height = 0;
  guint object_max_width = 0;
  guint object_max_height = 0;
  gboolean full_frame_object = FALSE;
  guint inference_interval = 1;
  guint reclassify_interval = 1;
  double threshold = 0;
  guint64 smoothing_time = 0;
  double hysteresis = 0;
  guint64 min_dwell = 0;
  guint top_k = 1;
  const char* post_messages = "change";
  gboolean qos = TRUE;

 private:
  void choose_static_regions(Random& random);
};

// What is to be classified, in order. named is what the last usable
// static-regions said; left_out grows by what is nothing or too much.
std::vector<Place> places_of(const RandomFrame& frame,
                             const RandomSettings& settings,
                             const std::vector<NamedPlace>& named,
                             guint64* left_out);

}  // namespace support
