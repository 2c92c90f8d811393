// SPDX-License-Identifier: LGPL-2.1-or-later
// Results and objects put on buffers, as torchclassify and detectors do.
#pragma once

#include <gst/video/video.h>

#include <string>
#include <vector>

namespace support {

struct Class {
  std::string label;
  double confidence = 0;
  bool present = false;
  int label_id = 0;
};

struct Result {
  std::string region = "full-frame";
  std::string label;
  double confidence = 0;
  std::vector<Class> top;
  int label_id = 0;
  guint64 age = 0;
  int object_id = -1;
  std::string object_class;
  int x = 0, y = 0, width = 0, height = 0;
};

// The custom meta "torchclassify" of one element; its times are the buffer's.
void put_results(GstBuffer* buffer, const std::vector<Result>& results,
                 const std::string& model = "test");

struct Region {
  std::string object_class;
  guint x = 0, y = 0, width = 0, height = 0;
  double confidence = 0;  // of the detection; 0: not said
  std::string label;      // as roi/torchclassify; empty: none
  double label_confidence = 0;
};

// One GstVideoRegionOfInterestMeta, as a detector's and torchclassify's.
void put_region(GstBuffer* buffer, const Region& region);

}  // namespace support
