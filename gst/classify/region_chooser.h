// SPDX-License-Identifier: LGPL-2.1-or-later
// Which regions of a frame are to be classified.
#pragma once

#include <gst/video/video.h>

#include <set>
#include <string>
#include <vector>

#include "region.h"
#include "settings.h"
#include "static_regions.h"
#include "stats.h"

namespace torchclassify {

// One stream's. One thread at a time.
class RegionChooser {
 public:
  // Borrows both for its life.
  RegionChooser(GstElement* element, Counters& counters)
      : element_(element), counters_(counters) {}

  // Those that were checked when the model opened: what is kept if there are
  // worse ones before the first frame.
  void note_settings(const FrameSettings& settings);

  // At most kMostRegions; what is left out is counted. Text in the settings
  // that cannot be used is warned of, once, and what was before it is kept;
  // settings that contradict each other are warned of, once, and obeyed.
  std::vector<Region> choose(GstBuffer* buffer, const GstVideoInfo& info,
                             const FrameSettings& settings);

 private:
  void take_static_regions(const std::string& text);
  void note_contradiction(const FrameSettings& settings);
  bool is_wanted(const Object& object, const Box& box,
                 const FrameSettings& settings) const;
  std::vector<Region> objects(GstBuffer* buffer, const GstVideoInfo& info,
                              const FrameSettings& settings);
  std::vector<Region> static_regions(const GstVideoInfo& info);

  GstElement* const element_;
  Counters& counters_;

  std::string static_text_;  // what the next one was made of
  std::vector<StaticRegion> static_;
  std::string class_text_;  // likewise
  std::set<std::string> classes_;
  std::string contradiction_;  // that was warned of last; empty: there is none
};

}  // namespace torchclassify
