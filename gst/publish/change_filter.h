// SPDX-License-Identifier: LGPL-2.1-or-later
// Which frames are published: all, those that say something new, or one per
// interval.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "publish_settings.h"
#include "torchclassify/results.h"

namespace torchclassify {

// One stream's; the streaming thread alone calls it.
class ChangeFilter {
 public:
  // The next frame is published whatever it says.
  void reset() { last_.clear(); }

  // Whether to publish what the element at this place in the line (0 = the
  // first) says of a frame; if so, it is what later ones are compared with.
  // New are other labels, other objects, or other classes that are present;
  // not new are confidences and places. A frame without a time is published.
  bool wants(const RecordOptions& options, std::size_t place,
             const TorchClassifyFrame& frame);

 private:
  struct Published {
    bool any = false;
    std::string content;
    GstClockTime time = GST_CLOCK_TIME_NONE;  // running time
  };

  std::vector<Published> last_;  // by place
};

}  // namespace torchclassify
