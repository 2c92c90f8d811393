// SPDX-License-Identifier: LGPL-2.1-or-later
#include "negotiation.h"

#include <algorithm>

namespace torchclassify::overlay {
namespace {

constexpr char kFeature[] = GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION;
// What a video's pixels may be stretched by; more is an error in the caps.
constexpr double kMostAspect = 10;

enum class Change { kNone, kAdd, kRemove };

bool is_any(const GstCaps* caps, guint i) {
  return gst_caps_features_is_any(gst_caps_get_features(caps, i));
}

bool has_feature(const GstCaps* caps, guint i) {
  return gst_caps_features_contains(gst_caps_get_features(caps, i), kFeature);
}

// In system memory, as far as the caps say.
bool has_pixels(const GstCaps* caps, guint i) {
  const GstCapsFeatures* features = gst_caps_get_features(caps, i);
  for (guint f = 0; f < gst_caps_features_get_size(features); ++f) {
    const char* name = gst_caps_features_get_nth(features, f);
    if (g_str_has_prefix(name, "memory:") &&
        g_str_equal(name, GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY) == FALSE)
      return false;
  }
  return true;
}

void append(GstCaps* to, const GstCaps* from, guint i, Change change) {
  GstCapsFeatures* features =
      gst_caps_features_copy(gst_caps_get_features(from, i));
  if (change == Change::kAdd)
    gst_caps_features_add(features, kFeature);
  if (change == Change::kRemove)
    gst_caps_features_remove(features, kFeature);
  gst_caps_append_structure_full(
      to, gst_structure_copy(gst_caps_get_structure(from, i)), features);
}

}  // namespace

bool has_composition_feature(const GstCaps* caps) {
  return gst_caps_get_size(caps) > 0 && has_feature(caps, 0);
}

CapsPtr caps_after(const GstCaps* caps) {
  CapsPtr after(gst_caps_new_empty());
  const guint count = gst_caps_get_size(caps);
  for (guint i = 0; i < count; ++i) {
    const bool as_it_is = is_any(caps, i) || has_feature(caps, i);
    append(after.get(), caps, i, as_it_is ? Change::kNone : Change::kAdd);
  }
  for (guint i = 0; i < count; ++i) {
    if (!is_any(caps, i) && has_pixels(caps, i))
      append(after.get(), caps, i,
             has_feature(caps, i) ? Change::kRemove : Change::kNone);
  }
  return after;
}

CapsPtr caps_before(const GstCaps* caps) {
  CapsPtr before(gst_caps_new_empty());
  const guint count = gst_caps_get_size(caps);
  for (guint i = 0; i < count; ++i) {
    const bool plain = !is_any(caps, i) && !has_feature(caps, i);
    if (!plain || has_pixels(caps, i))
      append(before.get(), caps, i, Change::kNone);
  }
  for (guint i = 0; i < count; ++i) {
    if (is_any(caps, i))
      continue;
    if (has_feature(caps, i))
      append(before.get(), caps, i, Change::kRemove);
    else if (has_pixels(caps, i))
      append(before.get(), caps, i, Change::kAdd);
  }
  return before;
}

CapsPtr first_with(const GstCaps* caps, bool feature) {
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    if (has_feature(caps, i) == feature)
      return CapsPtr(gst_caps_fixate(gst_caps_copy_nth(caps, i)));
  }
  return nullptr;
}

bool peer_takes_compositions(GstPad* src, GstCaps* caps) {
  if (!gst_pad_set_caps(src, caps))
    return false;
  const std::unique_ptr<GstQuery, MiniObjectUnref> query(
      gst_query_new_allocation(caps, FALSE));
  if (gst_pad_peer_query(src, query.get()))
    return gst_query_find_allocation_meta(
        query.get(), GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
  // A flush says nothing of downstream: ask again.
  if (GST_PAD_IS_FLUSHING(src))
    gst_pad_mark_reconfigure(src);
  return false;
}

bool canvas_of(const GstCaps* caps, Canvas& canvas) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  int across = 1, down = 1;
  if (!gst_structure_get_int(structure, "width", &canvas.width) ||
      !gst_structure_get_int(structure, "height", &canvas.height) ||
      canvas.width < 1 || canvas.height < 1)
    return false;
  gst_structure_get_fraction(structure, "pixel-aspect-ratio", &across, &down);
  canvas.pixel_aspect = across > 0 && down > 0
                            ? std::clamp(static_cast<double>(across) / down,
                                         1 / kMostAspect, kMostAspect)
                            : 1;
  return true;
}

}  // namespace torchclassify::overlay
