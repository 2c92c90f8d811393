// SPDX-License-Identifier: LGPL-2.1-or-later
#include "torchclassify/results.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <string>
#include <vector>

#include "utf8.h"

namespace {

using torchclassify::valid_utf8;

constexpr char kName[] = "torchclassify";  // of the meta and of the message
constexpr double kRounding = 1e-3;  // a float's sum of probabilities, at worst

// What the C structure points to lies beside it. Nothing in a deque moves, and
// each vector is filled before its address is given away.
struct OwnedFrame : TorchClassifyFrame {
  std::deque<std::string> strings;
  std::deque<std::vector<TorchClassifyClass>> tops;
  std::vector<TorchClassifyResult> regions;
};

const char* read_string(OwnedFrame& frame, const GstStructure* structure,
                        const char* field, const char* absent) {
  const char* text = gst_structure_get_string(structure, field);
  return text ? frame.strings.emplace_back(valid_utf8(text)).c_str() : absent;
}

int read_int(const GstStructure* structure, const char* field, int absent) {
  gst_structure_get_int(structure, field, &absent);
  return absent;
}

int read_at_least(int least, const GstStructure* structure, const char* field) {
  return std::max(least, read_int(structure, field, least));
}

GstClockTime read_time(const GstStructure* structure, const char* field,
                       GstClockTime absent) {
  gst_structure_get_uint64(structure, field, &absent);
  return absent;
}

double read_confidence(const GstStructure* structure) {
  double value = 0;
  gst_structure_get_double(structure, "confidence", &value);
  // NaN fails both comparisons.
  return value >= 0 && value <= 1 + kRounding ? std::min(value, 1.0) : 0;
}

// The structures of this name in a field that should be a list of them.
std::vector<const GstStructure*> read_list(const GstStructure* structure,
                                           const char* field,
                                           const char* name) {
  const GValue* list = gst_structure_get_value(structure, field);
  std::vector<const GstStructure*> found;
  if (!list || !GST_VALUE_HOLDS_LIST(list))
    return found;
  for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
    const GValue* value = gst_value_list_get_value(list, i);
    if (!GST_VALUE_HOLDS_STRUCTURE(value))
      continue;
    const GstStructure* item = gst_value_get_structure(value);
    if (item && gst_structure_has_name(item, name))
      found.push_back(item);
  }
  return found;
}

TorchClassifyClass read_class(OwnedFrame& frame, const GstStructure* structure,
                              int reported_id) {
  TorchClassifyClass one{};
  one.label = read_string(frame, structure, "label", "unknown");
  one.label_id = read_at_least(-1, structure, "label-id");
  one.confidence = read_confidence(structure);
  one.present = one.label_id >= 0 && one.label_id == reported_id;
  gst_structure_get_boolean(structure, "present", &one.present);
  return one;
}

const std::vector<TorchClassifyClass>& read_top(OwnedFrame& frame,
                                                const GstStructure* structure,
                                                int reported_id) {
  std::vector<TorchClassifyClass>& top = frame.tops.emplace_back();
  for (const GstStructure* item : read_list(structure, "top", "class"))
    top.push_back(read_class(frame, item, reported_id));
  return top;
}

TorchClassifyResult read_result(OwnedFrame& frame,
                                const GstStructure* structure) {
  TorchClassifyResult result{};
  result.region = read_string(frame, structure, "region", "");
  result.label = read_string(frame, structure, "label", "unknown");
  result.label_id = read_at_least(-1, structure, "label-id");
  result.confidence = read_confidence(structure);
  result.age = read_time(structure, "age", 0);
  result.object_id = read_at_least(-1, structure, "object-id");
  result.object_class = read_string(frame, structure, "object-class", "");
  result.x = read_int(structure, "x", 0);
  result.y = read_int(structure, "y", 0);
  result.width = read_at_least(0, structure, "width");
  result.height = read_at_least(0, structure, "height");
  const auto& top = read_top(frame, structure, result.label_id);
  result.n_top = static_cast<guint>(top.size());
  result.top = top.data();
  return result;
}

void read_frame(OwnedFrame& frame, const GstStructure* structure) {
  frame.timestamp = read_time(structure, "timestamp", GST_CLOCK_TIME_NONE);
  frame.stream_time = read_time(structure, "stream-time", GST_CLOCK_TIME_NONE);
  frame.running_time =
      read_time(structure, "running-time", GST_CLOCK_TIME_NONE);
  frame.duration = read_time(structure, "duration", GST_CLOCK_TIME_NONE);
  frame.model = read_string(frame, structure, "model", "");
  for (const GstStructure* item : read_list(structure, "results", "result"))
    frame.regions.push_back(read_result(frame, item));
  frame.n_results = static_cast<guint>(frame.regions.size());
  frame.results = frame.regions.data();
}

// The boundary: no exception passes into C.
TorchClassifyFrame* frame_or_null(const GstStructure* structure) try {
  g_autoptr(TorchClassifyFrame) frame = new OwnedFrame{};
  read_frame(*static_cast<OwnedFrame*>(frame), structure);
  return g_steal_pointer(&frame);
} catch (const std::exception& error) {
  g_critical("cannot read a result: %s", error.what());
  return nullptr;
}

}  // namespace

TorchClassifyFrame* torchclassify_frame_next(GstBuffer* buffer,
                                             gpointer* state) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer), nullptr);
  g_return_val_if_fail(state, nullptr);

  // Whoever adds the first one registers it.
  const GstMetaInfo* info = gst_meta_get_info(kName);
  if (!info)
    return nullptr;
  GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, state, info->api);
  if (!meta)
    return nullptr;
  return frame_or_null(
      gst_custom_meta_get_structure(reinterpret_cast<GstCustomMeta*>(meta)));
}

TorchClassifyFrame* torchclassify_frame_from_message(GstMessage* message) {
  g_return_val_if_fail(GST_IS_MESSAGE(message), nullptr);

  const GstStructure* structure = gst_message_get_structure(message);
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ELEMENT || !structure ||
      !gst_structure_has_name(structure, kName))
    return nullptr;
  return frame_or_null(structure);
}

void torchclassify_frame_free(TorchClassifyFrame* frame) {
  delete static_cast<OwnedFrame*>(frame);
}
