// SPDX-License-Identifier: LGPL-2.1-or-later
#include "harness.h"

namespace support {

Overlay::Overlay(const std::string& properties, bool attach, const char* caps)
    : harness_(gst_harness_new_parse(("torchoverlay " + properties).c_str())),
      element_(gst_harness_find_element(harness_.get(), "torchoverlay")) {
  if (attach)
    gst_harness_add_propose_allocation_meta(
        harness_.get(), GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
  gst_harness_set_src_caps_str(harness_.get(), caps);
}

Buffer Overlay::pass(GstBuffer* buffer) const {
  g_assert_cmpint(gst_harness_push(harness_.get(), buffer), ==, GST_FLOW_OK);
  return Buffer(gst_harness_pull(harness_.get()));
}

guint64 Overlay::counter(const char* name) const {
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(element_.get(), "stats", &stats, nullptr);
  guint64 value = G_MAXUINT64;
  g_assert_true(gst_structure_get_uint64(stats, name, &value));
  return value;
}

bool Overlay::attaches() const {
  g_autoptr(GstCaps) caps = gst_pad_get_current_caps(harness_->sinkpad);
  g_assert_nonnull(caps);
  return gst_caps_features_contains(
      gst_caps_get_features(caps, 0),
      GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION);
}

GstBuffer* black_frame() {
  constexpr gsize kBytes = gsize{kWidth} * kHeight;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, kBytes, nullptr);
  gst_buffer_memset(buffer, 0, 0, kBytes);
  GST_BUFFER_PTS(buffer) = 0;
  return buffer;
}

int lit(GstBuffer* frame, int x, int y, int width, int height) {
  GstMapInfo map;
  g_assert_true(gst_buffer_map(frame, &map, GST_MAP_READ));
  int count = 0;
  for (int row = y; row < y + height; ++row) {
    for (int column = x; column < x + width; ++column)
      count += map.data[row * kWidth + column] > 0;
  }
  gst_buffer_unmap(frame, &map);
  return count;
}

GstVideoOverlayComposition* composition_of(const Buffer& frame) {
  auto* meta = gst_buffer_get_video_overlay_composition_meta(frame.get());
  return meta ? meta->overlay : nullptr;
}

}  // namespace support
