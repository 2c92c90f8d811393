// SPDX-License-Identifier: LGPL-2.1-or-later
#include "change_filter.h"

#include <algorithm>
#include <utility>

namespace torchclassify {
namespace {

constexpr char kBetween = '\x1f';  // not in any label worth the name

std::string content_of(const TorchClassifyResult& result) {
  std::string content = result.region;
  content += kBetween + std::to_string(result.object_id);
  content += kBetween + std::to_string(result.label_id);
  content += kBetween;
  content += result.label;
  content += kBetween;
  content += result.object_class;
  std::vector<int> present;
  for (guint i = 0; i < result.n_top; ++i) {
    if (result.top[i].present)
      present.push_back(result.top[i].label_id);
  }
  std::sort(present.begin(), present.end());
  for (int id : present) content += kBetween + std::to_string(id);
  return content;
}

// The same for the same objects in another order.
std::string content_of(const TorchClassifyFrame& frame) {
  std::vector<std::string> parts;
  for (guint i = 0; i < frame.n_results; ++i)
    parts.push_back(content_of(frame.results[i]));
  std::sort(parts.begin(), parts.end());
  std::string content = frame.model;
  for (const std::string& part : parts) {
    content += '\n';
    content += part;
  }
  return content;
}

// Also if time has gone backwards: a new segment has begun.
bool interval_is_over(GstClockTime last, GstClockTime now,
                      GstClockTime interval) {
  return !GST_CLOCK_TIME_IS_VALID(last) || !GST_CLOCK_TIME_IS_VALID(now) ||
         now < last || now - last >= interval;
}

}  // namespace

bool ChangeFilter::wants(const RecordOptions& options, std::size_t place,
                         const TorchClassifyFrame& frame) {
  if (last_.size() <= place)
    last_.resize(place + 1);
  Published& last = last_[place];
  std::string content;
  bool wanted = true;
  if (options.publish == Publish::kChange) {
    content = content_of(frame);
    wanted = content != last.content;
  } else if (options.publish == Publish::kInterval) {
    wanted = interval_is_over(last.time, frame.running_time, options.interval);
  }
  if (last.any && !wanted)
    return false;
  last = {true, std::move(content), frame.running_time};
  return true;
}

}  // namespace torchclassify
