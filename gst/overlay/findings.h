// SPDX-License-Identifier: LGPL-2.1-or-later
// What is to be drawn of a frame: results and objects by whom ever, each once.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>
#include <vector>

#include "metas/objects.h"
#include "torchclassify/results.h"

namespace torchclassify::overlay {

inline constexpr int kNoPercent = -1;
inline constexpr std::size_t kMostObjects = 256;  // of one frame

// Confidences are kept as they are shown, so that a change that nobody sees is
// none.
struct Label {
  std::string text;  // drawable()
  int percent = kNoPercent;
  bool operator==(const Label&) const = default;
};

struct Box {
  double x = 0;  // pixels, of the upright box before the rotation
  double y = 0;
  double width = 0;
  double height = 0;
  double rotation = 0;  // radians, clockwise about the centre
  bool operator==(const Box&) const = default;
};

// What one classifier says of one region.
struct Classification {
  std::vector<Label> reported;  // one; of models of several labels, any number
  std::vector<Label> top;       // descending
  bool operator==(const Classification&) const = default;
};

struct Finding {
  std::optional<Box> box;  // none: the whole frame
  Label what;              // what the detector says, or the region's name
  std::string kind;        // what without a tracker's number
  std::vector<Classification> said;
  bool operator==(const Finding&) const = default;
};

struct Filter {
  double min_confidence = 0;  // 0 to 1
  GstClockTime expire = 0;    // oldest age that is drawn, ns; 0: any
  bool show_unknown = false;
  bool operator==(const Filter&) const = default;
};

struct Findings {
  std::vector<Finding> found;
  bool crowded = false;  // more than kMostObjects: the last ones are left out
};

Findings findings_on(GstBuffer* buffer, const Filter& filter);

// The same of what has been read. An object that a result speaks of (the same
// tracker's number, or the same box and class) is one finding with it, and a
// label that a result has is not repeated as another's.
std::vector<Finding> merge(
    const std::vector<const TorchClassifyFrame*>& frames,
    const std::vector<Object>& objects,
    const std::vector<std::vector<ObjectLabel>>& frame_labels,
    const Filter& filter);

}  // namespace torchclassify::overlay
