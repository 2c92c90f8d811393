// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttorchoverlay.h"

#include <gst/video/video.h>

#include <memory>

#include "blending.h"
#include "composer.h"
#include "findings.h"
#include "gst_raii.h"
#include "negotiation.h"
#include "overlay_settings.h"
#include "overlay_stats.h"

GST_DEBUG_CATEGORY_STATIC(gst_torch_overlay_debug);
#define GST_CAT_DEFAULT gst_torch_overlay_debug

using namespace torchclassify;
using namespace torchclassify::overlay;

namespace {

#define SIZES "width=(int)[ 1, 2147483647 ], height=(int)[ 1, 2147483647 ]"
// First what is blended fast. Without a framerate field, so that caps that have
// none are accepted too.
constexpr char kCaps[] =
    "video/x-raw, format=(string){ NV12, NV21, I420, YV12, YUY2, UYVY, RGB, "
    "BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, GRAY8 }, " SIZES
    "; video/x-raw, format=(string)" GST_VIDEO_FORMATS_ALL ", " SIZES
    "; video/x-raw(ANY), " SIZES;
#undef SIZES

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(kCaps));

struct State {
  Settings settings;  // object lock
  Counters counters;  // atomic

  // The streaming thread.
  std::unique_ptr<Composer> composer;  // between start() and stop()
  Blender blender;
  Canvas canvas;
  GstVideoInfo info;    // where the pixels are written to
  bool attach = false;  // else blend
};

}  // namespace

struct _GstTorchOverlay {
  GstBaseTransform parent;
  State* state;  // new in _init(), deleted in _finalize()
};

G_DEFINE_TYPE(GstTorchOverlay, gst_torch_overlay, GST_TYPE_BASE_TRANSFORM)

namespace {

Settings snapshot(GstTorchOverlay* self) {
  const ObjectLock lock(self);
  return self->state->settings;
}

void post_error(GstTorchOverlay* self, const std::exception& e) {
  GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", e.what()), (nullptr));
}

// --- caps ---

GstCaps* transform_caps(GstBaseTransform*, GstPadDirection direction,
                        GstCaps* caps, GstCaps* filter) {
  CapsPtr other =
      direction == GST_PAD_SINK ? caps_after(caps) : caps_before(caps);
  if (filter)
    other.reset(
        gst_caps_intersect_full(other.get(), filter, GST_CAPS_INTERSECT_FIRST));
  return other.release();
}

// Attached where upstream has done so already, where downstream says that it
// draws what is attached, or where there is no other way.
CapsPtr choose(GstTorchOverlay* self, const GstCaps* in, const GstCaps* out) {
  CapsPtr attached = first_with(out, /*feature=*/true);
  CapsPtr blended = first_with(out, /*feature=*/false);
  self->state->attach =
      attached && (!blended || has_composition_feature(in) ||
                   peer_takes_compositions(GST_BASE_TRANSFORM_SRC_PAD(self),
                                           attached.get()));
  GST_DEBUG_OBJECT(self, "what is drawn is %s",
                   self->state->attach ? "attached" : "blended");
  return self->state->attach ? std::move(attached) : std::move(blended);
}

// Also called for caps that are fixed, whenever downstream asks to reconfigure.
GstCaps* fixate_caps(GstBaseTransform* trans, GstPadDirection direction,
                     GstCaps* caps, GstCaps* other) {
  if (direction != GST_PAD_SINK)
    return gst_caps_fixate(other);
  CapsPtr chosen = choose(GST_TORCH_OVERLAY(trans), caps, other);
  gst_caps_unref(other);
  return chosen.release();
}

gboolean set_caps(GstBaseTransform* trans, GstCaps* in, GstCaps*) {
  auto* self = GST_TORCH_OVERLAY(trans);
  State& state = *self->state;
  const bool known = gst_video_info_from_caps(&state.info, in);
  if (canvas_of(in, state.canvas) && (known || state.attach))
    return TRUE;
  GST_ERROR_OBJECT(self, "cannot draw on %" GST_PTR_FORMAT,
                   static_cast<gpointer>(in));
  return FALSE;
}

// --- frames ---

void compose(State& state, GstBuffer* buffer, const Settings& settings) {
  Findings findings = findings_on(buffer, settings.filter);
  state.counters.crowded += findings.crowded;
  const GstClockTime before = gst_util_get_timestamp();
  if (state.composer->compose(std::move(findings.found), settings.look,
                              settings.font, state.canvas)) {
    ++state.counters.rendered;
    state.counters.render_ns += gst_util_get_timestamp() - before;
  }
  state.counters.left_out += state.composer->left_out();
}

void attach(State& state, GstBuffer* buffer,
            GstVideoOverlayCompositionMeta* below) {
  GstVideoOverlayComposition* composition =
      state.composer->composition(below ? below->overlay : nullptr);
  if (!composition)
    return;
  // Sinks draw one composition: the new one has what the other has.
  if (below)
    gst_buffer_remove_meta(buffer, GST_META_CAST(below));
  gst_buffer_add_video_overlay_composition_meta(buffer, composition);
  ++state.counters.attached;
}

void blend_all(State& state, GstBuffer* buffer,
               GstVideoOverlayCompositionMeta* below) {
  state.blender.blend(below ? below->overlay : nullptr, *state.composer, buffer,
                      state.info);
  if (below)
    gst_buffer_remove_meta(buffer, GST_META_CAST(below));
  if (!state.composer->stamps().empty())
    ++state.counters.blended;
}

GstFlowReturn transform_ip(GstBaseTransform* trans, GstBuffer* buffer) try {
  auto* self = GST_TORCH_OVERLAY(trans);
  State& state = *self->state;
  const GstClockTime before = gst_util_get_timestamp();
  ++state.counters.frames;
  compose(state, buffer, snapshot(self));
  auto* below = gst_buffer_get_video_overlay_composition_meta(buffer);
  if (state.attach)
    attach(state, buffer, below);
  else
    blend_all(state, buffer, below);
  if (!state.composer->stamps().empty())
    ++state.counters.drawn;
  state.counters.frame_ns += gst_util_get_timestamp() - before;
  return GST_FLOW_OK;
} catch (const std::exception& e) {
  post_error(GST_TORCH_OVERLAY(trans), e);
  return GST_FLOW_ERROR;
}

gboolean start(GstBaseTransform* trans) try {
  State& state = *GST_TORCH_OVERLAY(trans)->state;
  state.counters.reset();
  state.composer = std::make_unique<Composer>();
  state.blender = {};
  return TRUE;
} catch (const std::exception& e) {
  post_error(GST_TORCH_OVERLAY(trans), e);
  return FALSE;
}

gboolean stop(GstBaseTransform* trans) {
  GST_TORCH_OVERLAY(trans)->state->composer.reset();
  return TRUE;
}

// --- GObject ---

void set_property(GObject* object, guint id, const GValue* value,
                  GParamSpec* spec) {
  const ObjectLock lock(object);
  if (!set_setting(GST_TORCH_OVERLAY(object)->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  State& state = *GST_TORCH_OVERLAY(object)->state;
  if (id == kPropStats) {
    g_value_take_boxed(value, stats_structure(state.counters).release());
    return;
  }
  const ObjectLock lock(object);
  if (!get_setting(state.settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void finalize(GObject* object) {
  delete GST_TORCH_OVERLAY(object)->state;
  G_OBJECT_CLASS(gst_torch_overlay_parent_class)->finalize(object);
}

}  // namespace

static void gst_torch_overlay_class_init(GstTorchOverlayClass* klass) {
  GST_DEBUG_CATEGORY_INIT(gst_torch_overlay_debug, "torchoverlay", 0,
                          "drawing of labels");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  auto* transform_class = GST_BASE_TRANSFORM_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  transform_class->transform_caps = transform_caps;
  transform_class->fixate_caps = fixate_caps;
  transform_class->set_caps = set_caps;
  transform_class->transform_ip = transform_ip;
  transform_class->start = start;
  transform_class->stop = stop;
  install_properties(object_class);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "Label overlay", "Filter/Editor/Video",
      "Draws labels, objects and confidences on video frames", "torchclassify");
}

static void gst_torch_overlay_init(GstTorchOverlay* self) {
  self->state = new State();
  gst_video_info_init(&self->state->info);
  gst_base_transform_set_gap_aware(GST_BASE_TRANSFORM(self), TRUE);
}
