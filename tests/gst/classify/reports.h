// SPDX-License-Identifier: LGPL-2.1-or-later
// What the element says of its frames: on them, and on the bus.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

namespace support {

struct Result {
  std::string region;
  std::string label;
  int label_id = -2;
  double confidence = 0;
  guint64 age = 0;  // ns
  int object_id = -2;
  std::string object_class;
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  int classes = 0;  // in its list top
};

// Of a structure torchclassify; empty for null.
std::vector<Result> results_in(const GstStructure* structure);
// Empty where the buffer carries none.
std::vector<Result> results_on(GstBuffer* buffer);
// The label ids, with spaces between.
std::string labels_on(GstBuffer* buffer);

// Everything that waits on a bus.
struct Said {
  int errors = 0;
  int warnings = 0;
  std::string text;                 // of the last of these
  std::vector<std::string> names;   // of the element messages
  std::vector<std::string> labels;  // of the messages torchclassify: their ids
  int named(const char* name) const;
};
Said said_on(GstBus* bus);

// Until what the element's own threads say is there; at most ten seconds.
Said said_at_last(GstBus* bus);

}  // namespace support
