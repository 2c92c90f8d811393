// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttorchclassify.h"

#include <gst/video/video.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "errors.h"
#include "frame_queue.h"
#include "intake.h"
#include "metadata.h"
#include "model_slot.h"
#include "outlet.h"
#include "pads.h"
#include "properties.h"
#include "settings.h"
#include "stats.h"
#include "timing.h"

GST_DEBUG_CATEGORY(gst_torch_classify_debug);
#define GST_CAT_DEFAULT gst_torch_classify_debug

using namespace torchclassify;

namespace {

constexpr guint64 kLatencyCheckEvery = 30;  // buffers

struct State {
  explicit State(GstElement* element)
      : model(element),
        intake(element, queue, counters, latency),
        outlet(element, queue, counters) {}

  Settings settings;  // object lock
  ModelSlot model;    // has its own lock; open in READY and above

  FrameQueue queue;                // has its own lock
  Counters counters;               // atomic
  ReportedLatency latency;         // atomic
  std::atomic<bool> error_posted;  // by the source pad's task, for its failure

  // Held to start the source pad's task or let it pause, so that neither undoes
  // what another thread has just decided.
  std::mutex task_mutex;

  // The sink pad's streaming thread.
  Intake intake;
  bool failure_told = false;  // upstream has been returned the failure

  // The source pad's task.
  Outlet outlet;
  guint64 pushed = 0;  // buffers
};

}  // namespace

struct _GstTorchClassify {
  GstElement parent;
  GstPad* sink;
  GstPad* src;
  State* state;  // new in _init(), deleted in _finalize()
};

G_DEFINE_TYPE(GstTorchClassify, gst_torch_classify, GST_TYPE_ELEMENT)

namespace {

// What one frame is handled with.
struct Snapshot {
  FrameSettings settings;
  ModelPtr model;
};

Settings settings_of(GstTorchClassify* self) {
  const ObjectLock lock(self);
  return self->state->settings;
}

FrameSettings frame_settings_of(GstTorchClassify* self) {
  const ObjectLock lock(self);
  return self->state->settings.frame;
}

Snapshot snapshot(GstTorchClassify* self) {
  return {frame_settings_of(self), self->state->model.current()};
}

bool open_model(GstTorchClassify* self) try {
  State& state = *self->state;
  const Settings settings = settings_of(self);
  check_settings(settings);
  state.model.watch_file(settings.watch_model_file);
  state.model.open(settings.classifier);
  state.intake.note_settings(settings.frame);
  state.counters.reset();
  const ModelPtr model = state.model.current();
  GST_INFO_OBJECT(self, "running on %s",
                  model->classifier->statistics().device.c_str());
  if (model->classifier->info().provenance.contains("code"))
    GST_INFO_OBJECT(self, "the model executes code of its own: %s",
                    model->file.c_str());
  return true;
} catch (const std::exception& e) {
  post_error(GST_ELEMENT(self), e);
  return false;
}

// --- sink pad ---

GstFlowReturn queue_frame(GstTorchClassify* self, BufferPtr buffer) try {
  State& state = *self->state;
  const Snapshot now = snapshot(self);
  if (!state.intake.has_caps() || !now.model)
    return GST_FLOW_NOT_NEGOTIATED;
  return state.intake.take(std::move(buffer), now.settings, now.model);
} catch (const std::exception& e) {
  post_frame_error(GST_ELEMENT(self), e);
  return GST_FLOW_ERROR;
}

GstFlowReturn chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
  auto* self = GST_TORCH_CLASSIFY(parent);
  const GstFlowReturn flow = queue_frame(self, BufferPtr(buffer));
  self->state->failure_told = flow != GST_FLOW_OK;
  return flow;
}

void source_loop(gpointer data);

// Not once the pad has been deactivated: nobody would stop the task then.
void start_source(GstTorchClassify* self) {
  State& state = *self->state;
  const std::lock_guard lock(state.task_mutex);
  if (!gst_pad_is_active(self->src))
    return;
  state.error_posted = false;
  state.queue.start();
  gst_pad_start_task(self->src, source_loop, self->src, nullptr);
}

void pause_source_if_stopped(GstTorchClassify* self) {
  State& state = *self->state;
  const std::lock_guard lock(state.task_mutex);
  if (state.queue.flow() != GST_FLOW_OK)
    gst_pad_pause_task(self->src);
}

bool flush_start(GstTorchClassify* self, GstEvent* event) {
  self->state->queue.stop();
  const bool forwarded = gst_pad_push_event(self->src, event);
  // Waits for the task, which may be about to take task_mutex.
  gst_pad_pause_task(self->src);
  return forwarded;
}

bool flush_stop(GstTorchClassify* self, GstEvent* event) {
  State& state = *self->state;
  state.intake.flush();
  state.outlet.flush();
  state.failure_told = false;
  const bool forwarded = gst_pad_push_event(self->src, event);
  start_source(self);
  return forwarded;
}

bool is_failure(GstFlowReturn flow) {
  return flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS;
}

GstFlowReturn enqueue(GstTorchClassify* self, EventPtr event) {
  State& state = *self->state;
  const GstEventType type = GST_EVENT_TYPE(event.get());
  if (!state.intake.take_event(event.get())) {
    GST_ERROR_OBJECT(self, "cannot use %" GST_PTR_FORMAT,
                     static_cast<gpointer>(event.get()));
    return GST_FLOW_NOT_NEGOTIATED;
  }
  QueueItem item;
  item.event = std::move(event);
  const GstFlowReturn flow = state.queue.push(std::move(item));
  // No frame follows that could tell upstream.
  if (type == GST_EVENT_EOS && is_failure(flow) && !state.failure_told &&
      !state.error_posted)
    GST_ELEMENT_FLOW_ERROR(self, flow);
  return flow;
}

// With the true reason of a refusal: upstream does not fail because of a flush.
GstFlowReturn sink_event(GstPad* pad, GstObject* parent, GstEvent* event) try {
  auto* self = GST_TORCH_CLASSIFY(parent);
  bool handled = false;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_START:
      handled = flush_start(self, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      handled = flush_stop(self, event);
      break;
    default:
      if (GST_EVENT_IS_SERIALIZED(event))
        return enqueue(self, EventPtr(event));
      handled = gst_pad_event_default(pad, parent, event);
  }
  return handled ? GST_FLOW_OK : GST_FLOW_ERROR;
} catch (const std::exception& e) {
  post_frame_error(GST_ELEMENT(parent), e);
  return GST_FLOW_ERROR;
}

// Answered by downstream. GstVideoMeta is understood here in any case; where it
// is not there, frames that need it leave as copies that do not.
gboolean query_allocation(GstTorchClassify* self, GstQuery* query) {
  const bool answered = gst_pad_peer_query(self->src, query);
  // A flush says nothing of downstream; upstream asks again.
  if (!answered && self->state->queue.flow() != GST_FLOW_OK)
    return FALSE;
  const bool understood =
      answered &&
      gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  self->state->intake.set_meta_understood(understood);
  if (!understood)
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) try {
  auto* self = GST_TORCH_CLASSIFY(parent);
  if (!GST_QUERY_IS_SERIALIZED(query))
    return gst_pad_query_default(pad, parent, query);
  if (!self->state->queue.wait_drained())
    return FALSE;
  return GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION
             ? query_allocation(self, query)
             : gst_pad_peer_query(self->src, query);
} catch (const std::exception& e) {
  post_frame_error(GST_ELEMENT(parent), e);
  return FALSE;
}

// --- source pad ---

// With as many regions as the frames of late have had.
GstClockTime own_latency(GstTorchClassify* self) {
  const Snapshot now = snapshot(self);
  if (!now.model || now.settings.mode == Mode::kLatest)
    return 0;
  return expected_latency(*now.model,
                          std::max(1, self->state->counters.most_regions()));
}

void report_latency_change(GstTorchClassify* self) {
  const GstClockTime own = own_latency(self);
  self->state->counters.begin_window();
  if (self->state->latency.outdated_by(own))
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_latency(GST_OBJECT(self)));
}

gboolean query_latency(GstTorchClassify* self, GstQuery* query) {
  if (!gst_pad_peer_query(self->sink, query))
    return FALSE;
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = GST_CLOCK_TIME_NONE;
  gst_query_parse_latency(query, &live, &min, &max);
  const GstClockTime own = own_latency(self);
  if (GST_CLOCK_TIME_IS_VALID(max))
    max += own;
  gst_query_set_latency(query, live, min + own, max);
  self->state->latency.set(own, live);
  return TRUE;
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) try {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY)
    return query_latency(GST_TORCH_CLASSIFY(parent), query);
  return gst_pad_query_default(pad, parent, query);
} catch (const std::exception& e) {
  post_frame_error(GST_ELEMENT(parent), e);
  return FALSE;
}

gboolean src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto* self = GST_TORCH_CLASSIFY(parent);
  State& state = *self->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_QOS)
    state.intake.take_qos(event);
  // Somebody has linked the pad again.
  if (GST_EVENT_TYPE(event) == GST_EVENT_RECONFIGURE &&
      state.queue.flow() == GST_FLOW_NOT_LINKED)
    start_source(self);
  return gst_pad_event_default(pad, parent, event);
}

GstFlowReturn push_frame(GstTorchClassify* self, QueueItem item) try {
  State& state = *self->state;
  BufferPtr buffer =
      state.outlet.take(std::move(item), frame_settings_of(self));
  if (!buffer)
    return GST_FLOW_OK;
  if (state.pushed++ % kLatencyCheckEvery == 0)
    report_latency_change(self);
  return gst_pad_push(self->src, buffer.release());
} catch (const std::exception& e) {
  self->state->error_posted = true;
  post_frame_error(GST_ELEMENT(self), e);
  return GST_FLOW_ERROR;
}

GstFlowReturn push_event(GstTorchClassify* self, EventPtr event) {
  self->state->outlet.take_event(event.get());
  // A refusal of what is sticky shows when the next frame is pushed.
  gst_pad_push_event(self->src, event.release());
  return GST_FLOW_OK;
}

// Upstream has ended already: it hears of no failure and sends nothing more.
void end_failed_stream(GstTorchClassify* self, GstFlowReturn flow) {
  if (!is_failure(flow))
    return;
  if (!self->state->error_posted)
    GST_ELEMENT_FLOW_ERROR(self, flow);
  gst_pad_push_event(self->src, gst_event_new_eos());
}

void source_loop(gpointer data) {
  auto* self = GST_TORCH_CLASSIFY(GST_PAD_PARENT(data));
  FrameQueue& queue = self->state->queue;
  if (std::optional<QueueItem> item = queue.take()) {
    const GstFlowReturn flow = item->event
                                   ? push_event(self, std::move(item->event))
                                   : push_frame(self, std::move(*item));
    if (flow != GST_FLOW_OK)
      GST_DEBUG_OBJECT(self, "downstream: %s", gst_flow_get_name(flow));
    if (queue.finish(flow))
      end_failed_stream(self, flow);
  }
  pause_source_if_stopped(self);
}

gboolean activate_src(GstPad* pad, GstObject* parent, GstPadMode mode,
                      gboolean active) {
  auto* self = GST_TORCH_CLASSIFY(parent);
  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active) {
    start_source(self);
    return TRUE;
  }
  {
    const std::lock_guard lock(self->state->task_mutex);
    self->state->queue.close();
  }
  return gst_pad_stop_task(pad);
}

gboolean activate_sink(GstPad*, GstObject* parent, GstPadMode mode,
                       gboolean active) {
  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (!active)
    GST_TORCH_CLASSIFY(parent)->state->queue.close();
  return TRUE;
}

// --- GObject and GstElement ---

void reset_stream(GstTorchClassify* self) {
  State& state = *self->state;
  state.intake.start();
  state.outlet.start();
  state.pushed = 0;
  state.latency.set(0, false);
  state.failure_told = false;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  auto* self = GST_TORCH_CLASSIFY(element);
  if (change == GST_STATE_CHANGE_NULL_TO_READY && !open_model(self))
    return GST_STATE_CHANGE_FAILURE;
  // After the last stream, too: none of it keeps the model from being closed.
  if (change == GST_STATE_CHANGE_READY_TO_PAUSED ||
      change == GST_STATE_CHANGE_READY_TO_NULL)
    reset_stream(self);
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_torch_classify_parent_class)
          ->change_state(element, change);
  if (change == GST_STATE_CHANGE_READY_TO_NULL)
    self->state->model.close();
  return result;
}

void set_property(GObject* object, guint id, const GValue* value,
                  GParamSpec* spec) {
  const ObjectLock lock(object);
  if (!set_setting(GST_TORCH_CLASSIFY(object)->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

// What runs already follows, once for all that was set together: a model and
// its labels are one swap.
void dispatch_properties_changed(GObject* object, guint count,
                                 GParamSpec** specs) {
  auto* self = GST_TORCH_CLASSIFY(object);
  const auto changed = [&](const char* name) {
    return std::any_of(specs, specs + count, [name](GParamSpec* spec) {
      return g_str_equal(spec->name, name);
    });
  };
  const Settings settings = settings_of(self);
  if (changed("model-file") || changed("labels-file"))
    self->state->model.replace(settings.classifier);
  if (changed("watch-model-file"))
    self->state->model.watch_file(settings.watch_model_file);
  // Frames that begin to wait, or end to, make another latency.
  if (changed("mode"))
    report_latency_change(self);
  G_OBJECT_CLASS(gst_torch_classify_parent_class)
      ->dispatch_properties_changed(object, count, specs);
}

StructurePtr stats_of(GstTorchClassify* self) {
  const ModelPtr model = self->state->model.current();
  return stats_structure(self->state->counters,
                         model ? model->classifier.get() : nullptr);
}

void post_stats(GstTorchClassify* self) {
  StructurePtr stats = stats_of(self);
  gst_structure_set_name(stats.get(), "torchclassify-stats");
  post_message(GST_ELEMENT(self), std::move(stats));
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = GST_TORCH_CLASSIFY(object);
  if (id == kPropStats) {
    g_value_take_boxed(value, stats_of(self).release());
    return;
  }
  if (id == kPropModelInfo) {
    const ModelPtr model = self->state->model.current();
    g_value_take_boxed(
        value, model_info_structure(model ? model->classifier.get() : nullptr)
                   .release());
    return;
  }
  const ObjectLock lock(object);
  if (!get_setting(self->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void finalize(GObject* object) {
  delete GST_TORCH_CLASSIFY(object)->state;
  G_OBJECT_CLASS(gst_torch_classify_parent_class)->finalize(object);
}

}  // namespace

static void gst_torch_classify_class_init(GstTorchClassifyClass* klass) {
  GST_DEBUG_CATEGORY_INIT(gst_torch_classify_debug, "torchclassify", 0,
                          "image classification");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->dispatch_properties_changed = dispatch_properties_changed;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  install_properties(object_class);
  // Posts the property stats as the element message torchclassify-stats.
  g_signal_new_class_handler(
      "post-stats", G_TYPE_FROM_CLASS(klass),
      static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
      G_CALLBACK(post_stats), nullptr, nullptr, nullptr, G_TYPE_NONE, 0);
  add_pad_templates(element_class);
  gst_element_class_set_static_metadata(
      element_class, "Image classifier", "Filter/Video",
      "Labels video frames with a convolutional network and passes them on",
      "torchclassify");
}

static void gst_torch_classify_init(GstTorchClassify* self) {
  self->state = new State(GST_ELEMENT(self));
  self->sink = add_pad(GST_ELEMENT(self), "sink");
  self->src = add_pad(GST_ELEMENT(self), "src");
  gst_pad_set_chain_function(self->sink, chain);
  gst_pad_set_event_full_function(self->sink, sink_event);
  gst_pad_set_query_function(self->sink, sink_query);
  gst_pad_set_activatemode_function(self->sink, activate_sink);
  gst_pad_set_event_function(self->src, src_event);
  gst_pad_set_query_function(self->src, src_query);
  gst_pad_set_activatemode_function(self->src, activate_src);
}
