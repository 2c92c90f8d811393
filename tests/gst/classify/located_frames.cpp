// SPDX-License-Identifier: LGPL-2.1-or-later
#include "located_frames.h"

namespace support {
namespace {

constexpr int kSide = 16;  // pixels of a frame, and bytes of a line

template <typename Value>
GstBuffer* frame_of(int index, Value value_at) {
  GstBuffer* buffer = frame(0, index, kSide * kSide);
  GstMapInfo map;
  g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_WRITE));
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x)
      map.data[kSide * y + x] = static_cast<guint8>(value_at(x, y));
  }
  gst_buffer_unmap(buffer, &map);
  return buffer;
}

}  // namespace

GstBuffer* located_frame(int index) { return frame_of(index, class_at); }

GstBuffer* halves(int left, int right, int index) {
  return frame_of(index,
                  [=](int x, int) { return x < kSide / 2 ? left : right; });
}

Harness playing_located(const char* properties) {
  Harness harness = make_harness(properties);
  gst_harness_set_src_caps_str(harness.get(), kLocatedCaps);
  return harness;
}

GstBuffer* passed(const Harness& harness, GstBuffer* buffer) {
  g_assert_cmpint(gst_harness_push(harness.get(), buffer), ==, GST_FLOW_OK);
  GstBuffer* out = gst_harness_pull(harness.get());
  g_assert_nonnull(out);
  return out;
}

GstVideoRegionOfInterestMeta* add_object(GstBuffer* buffer, const char* type,
                                         int x, int y, int width, int height,
                                         int tracking_id) {
  auto* object = gst_buffer_add_video_region_of_interest_meta(
      buffer, type, static_cast<guint>(x), static_cast<guint>(y),
      static_cast<guint>(width), static_cast<guint>(height));
  if (tracking_id >= 0)
    gst_video_region_of_interest_meta_add_param(
        object,
        gst_structure_new("object_id", "id", G_TYPE_INT, tracking_id, nullptr));
  return object;
}

}  // namespace support
