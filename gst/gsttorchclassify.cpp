// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttorchclassify.h"

#include <gst/video/video.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "engine_loader.h"
#include "frame_queue.h"
#include "frame_view.h"
#include "metadata.h"
#include "settings.h"
#include "stats.h"
#include "torchclassify/error.h"

GST_DEBUG_CATEGORY_STATIC(gst_torch_classify_debug);
#define GST_CAT_DEFAULT gst_torch_classify_debug

using namespace torchclassify;

namespace {

// Without a framerate field, so that caps that have none are accepted too.
constexpr char kCaps[] =
    "video/x-raw, format=(string){ NV12, NV21, I420, YV12, YUY2, UYVY, RGB, "
    "BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, GRAY8 }, "
    "width=(int)[ 1, 2147483647 ], height=(int)[ 1, 2147483647 ]";
constexpr int kSpareFrames = 4;             // queued beyond what batches need
constexpr guint64 kLatencyCheckEvery = 30;  // frames
constexpr double kLatencyTolerance = 0.2;   // of the latency last reported

struct State {
  // Object lock.
  Settings settings;
  std::shared_ptr<Classifier> classifier;           // READY and above
  std::string model;                                // the model file's stem
  GstClockTime qos_earliest = GST_CLOCK_TIME_NONE;  // running time
  GstClockTime reported_latency = 0;

  FrameQueue queue;   // has its own lock
  Counters counters;  // atomic

  // The sink pad's streaming thread.
  GstVideoInfo sink_info{};
  GstSegment sink_segment{};
  guint64 sink_frames = 0;
  bool sink_caps = false;

  // The source pad's task.
  GstSegment src_segment{};
  int width = 0;
  int height = 0;
  std::optional<TimedResult> held;  // newest result of an earlier frame
  std::optional<int> posted_label;
  bool warned_not_finite = false;
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

struct Snapshot {
  Settings settings;
  std::shared_ptr<Classifier> classifier;
  std::string model;
  GstClockTime qos_earliest;
};

Snapshot snapshot(GstTorchClassify* self) {
  const ObjectLock lock(self);
  const State& state = *self->state;
  return {state.settings, state.classifier, state.model, state.qos_earliest};
}

std::shared_ptr<Classifier> classifier_of(GstTorchClassify* self) {
  const ObjectLock lock(self);
  return self->state->classifier;
}

// The only mapping of the library's errors to GStreamer's.
void post_error(GstTorchClassify* self, const std::exception& e) {
  const auto* error = dynamic_cast<const Error*>(&e);
  switch (error ? error->code() : ErrorCode::kInternal) {
    case ErrorCode::kNotFound:
      GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kCannotRead:
      GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kBadData:
      GST_ELEMENT_ERROR(self, STREAM, DECODE, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kUnsupported:
      GST_ELEMENT_ERROR(self, STREAM, NOT_IMPLEMENTED, ("%s", e.what()),
                        (nullptr));
      break;
    case ErrorCode::kDeviceUnavailable:
      GST_ELEMENT_ERROR(self, LIBRARY, INIT, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kInvalidArgument:
      GST_ELEMENT_ERROR(self, LIBRARY, SETTINGS, ("%s", e.what()), (nullptr));
      break;
    case ErrorCode::kOutOfMemory:
      GST_ELEMENT_ERROR(self, RESOURCE, NO_SPACE_LEFT, ("%s", e.what()),
                        (nullptr));
      break;
    default:
      GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", e.what()), (nullptr));
  }
}

// A frame that cannot be classified: the stream is wrong, not the settings.
void post_frame_error(GstTorchClassify* self, const std::exception& e) {
  GST_ELEMENT_ERROR(self, STREAM, FAILED, ("%s", e.what()), (nullptr));
}

bool open_model(GstTorchClassify* self) try {
  const Snapshot now = snapshot(self);
  const ClassifierOptions& options = now.settings.classifier;
  if (options.model_file.empty())
    throw Error(ErrorCode::kNotFound,
                "expected the property model-file to name a model bundle, got "
                "none");
  std::shared_ptr<Classifier> classifier = load_classifier(options);
  const Statistics statistics = classifier->statistics();
  GST_INFO_OBJECT(self, "running on %s", statistics.device.c_str());
  const ObjectLock lock(self);
  self->state->classifier = std::move(classifier);
  self->state->model = std::filesystem::path(options.model_file).stem();
  return true;
} catch (const std::exception& e) {
  post_error(self, e);
  return false;
}

// The classifier waits for what it still computes: not under a lock.
void close_model(GstTorchClassify* self) {
  std::shared_ptr<Classifier> classifier;
  {
    const ObjectLock lock(self);
    classifier = std::move(self->state->classifier);
    self->state->classifier = nullptr;
  }
  classifier.reset();
}

void reset_source(State& state) {
  state.held.reset();
  state.posted_label.reset();
}

void reset_qos(GstTorchClassify* self) {
  const ObjectLock lock(self);
  self->state->qos_earliest = GST_CLOCK_TIME_NONE;
}

// --- sink pad ---

int room(const Statistics& statistics) {
  return 2 * std::max(1, statistics.batch_size) *
             std::max(1, statistics.workers) +
         kSpareFrames;
}

bool is_late(State& state, const Snapshot& now, GstBuffer* buffer) {
  if (!now.settings.qos || !GST_CLOCK_TIME_IS_VALID(now.qos_earliest))
    return false;
  const guint64 running_time = gst_segment_to_running_time(
      &state.sink_segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  return GST_CLOCK_TIME_IS_VALID(running_time) &&
         running_time < now.qos_earliest;
}

bool wants_inference(State& state, const Snapshot& now, GstBuffer* buffer) {
  const guint64 index = state.sink_frames++;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP))
    return false;
  if (index % now.settings.inference_interval != 0)
    return false;
  if (now.settings.mode == Mode::kLatest && state.queue.in_flight())
    return false;
  return !is_late(state, now, buffer);
}

RequestPtr submit(State& state, const Snapshot& now, GstBuffer* buffer) {
  const FrameView view(buffer, state.sink_info);
  const bool awaited = now.settings.mode == Mode::kEveryFrame;
  FrameQueue& queue = state.queue;
  RequestPtr request = queue.begin(GST_BUFFER_PTS(buffer), awaited);
  try {
    now.classifier->submit(
        view.image(), {.top_k = static_cast<int>(now.settings.top_k)},
        [&queue, request](std::exception_ptr error, Classification result) {
          queue.complete(request, std::move(error), std::move(result));
        });
  } catch (...) {
    queue.cancel();
    throw;
  }
  ++state.counters.inferred;
  return awaited ? request : nullptr;
}

GstFlowReturn chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
  auto* self = GST_TORCH_CLASSIFY(parent);
  State& state = *self->state;
  QueueItem item;
  item.buffer.reset(buffer);
  try {
    const Snapshot now = snapshot(self);
    if (!state.sink_caps || !now.classifier)
      return GST_FLOW_NOT_NEGOTIATED;
    const int limit = room(now.classifier->statistics());
    const GstFlowReturn flow = state.queue.wait_for_room(limit);
    if (flow != GST_FLOW_OK)
      return flow;
    if (wants_inference(state, now, buffer))
      item.request = submit(state, now, buffer);
    else
      ++state.counters.skipped;
    return state.queue.push(std::move(item));
  } catch (const std::exception& e) {
    post_frame_error(self, e);
    return GST_FLOW_ERROR;
  }
}

void source_loop(gpointer data);

void start_source(GstTorchClassify* self) {
  self->state->queue.start();
  gst_pad_start_task(self->src, source_loop, self->src, nullptr);
}

gboolean flush_start(GstTorchClassify* self, GstEvent* event) {
  self->state->queue.stop();
  const gboolean forwarded = gst_pad_push_event(self->src, event);
  gst_pad_pause_task(self->src);
  return forwarded;
}

gboolean flush_stop(GstTorchClassify* self, GstEvent* event) {
  State& state = *self->state;
  reset_qos(self);
  reset_source(state);
  gst_segment_init(&state.sink_segment, GST_FORMAT_TIME);
  gst_segment_init(&state.src_segment, GST_FORMAT_TIME);
  const gboolean forwarded = gst_pad_push_event(self->src, event);
  start_source(self);
  return forwarded;
}

bool accept_caps(GstTorchClassify* self, GstEvent* event) {
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  State& state = *self->state;
  state.sink_caps = gst_video_info_from_caps(&state.sink_info, caps);
  if (!state.sink_caps)
    GST_ERROR_OBJECT(self, "cannot use caps %" GST_PTR_FORMAT,
                     static_cast<gpointer>(caps));
  return state.sink_caps;
}

gboolean enqueue(GstTorchClassify* self, EventPtr event) {
  State& state = *self->state;
  const GstEventType type = GST_EVENT_TYPE(event.get());
  if (type == GST_EVENT_CAPS && !accept_caps(self, event.get()))
    return FALSE;
  if (type == GST_EVENT_SEGMENT)
    gst_event_copy_segment(event.get(), &state.sink_segment);
  // What downstream ended may begin again.
  if ((type == GST_EVENT_STREAM_START || type == GST_EVENT_SEGMENT) &&
      state.queue.flow() == GST_FLOW_EOS)
    start_source(self);
  QueueItem item;
  item.event = std::move(event);
  return state.queue.push(std::move(item)) == GST_FLOW_OK;
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) try {
  auto* self = GST_TORCH_CLASSIFY(parent);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_START:
      return flush_start(self, event);
    case GST_EVENT_FLUSH_STOP:
      return flush_stop(self, event);
    default:
      if (GST_EVENT_IS_SERIALIZED(event))
        return enqueue(self, EventPtr(event));
      return gst_pad_event_default(pad, parent, event);
  }
} catch (const std::exception& e) {
  post_frame_error(GST_TORCH_CLASSIFY(parent), e);
  return FALSE;
}

gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) try {
  auto* self = GST_TORCH_CLASSIFY(parent);
  if (!GST_QUERY_IS_SERIALIZED(query))
    return gst_pad_query_default(pad, parent, query);
  if (!self->state->queue.wait_drained())
    return FALSE;
  const gboolean answered = gst_pad_peer_query(self->src, query);
  if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
    return answered;
  if (!gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr))
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
} catch (const std::exception& e) {
  post_frame_error(GST_TORCH_CLASSIFY(parent), e);
  return FALSE;
}

// --- source pad ---

// What this element adds to the time a frame takes.
GstClockTime own_latency(GstTorchClassify* self) {
  const Snapshot now = snapshot(self);
  if (!now.classifier || now.settings.mode == Mode::kLatest)
    return 0;
  return now.settings.classifier.batch_timeout_ns +
         std::max<std::int64_t>(0,
                                now.classifier->statistics().inference.p99_ns);
}

void report_latency_change(GstTorchClassify* self) {
  const GstClockTime latency = own_latency(self);
  {
    const ObjectLock lock(self);
    const double reported = self->state->reported_latency;
    if (std::abs(latency - reported) <= kLatencyTolerance * reported)
      return;
    self->state->reported_latency = latency;
  }
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
  const ObjectLock lock(self);
  self->state->reported_latency = own;
  return TRUE;
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) try {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY)
    return query_latency(GST_TORCH_CLASSIFY(parent), query);
  return gst_pad_query_default(pad, parent, query);
} catch (const std::exception& e) {
  post_frame_error(GST_TORCH_CLASSIFY(parent), e);
  return FALSE;
}

void take_qos(GstTorchClassify* self, GstEvent* event) {
  GstClockTimeDiff diff = 0;
  GstClockTime timestamp = GST_CLOCK_TIME_NONE;
  gst_event_parse_qos(event, nullptr, nullptr, &diff, &timestamp);
  if (!GST_CLOCK_TIME_IS_VALID(timestamp))
    return;
  // Late: also catch up with what comes until then, as GstBaseTransform does.
  const GstClockTimeDiff ahead = diff > 0 ? 2 * diff : diff;
  const ObjectLock lock(self);
  self->state->qos_earliest =
      ahead < 0 && static_cast<GstClockTime>(-ahead) > timestamp
          ? 0
          : timestamp + ahead;
}

gboolean src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_QOS)
    take_qos(GST_TORCH_CLASSIFY(parent), event);
  return gst_pad_event_default(pad, parent, event);
}

std::uint64_t age_of(const TimedResult& result, GstBuffer* buffer) {
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const bool known =
      GST_CLOCK_TIME_IS_VALID(pts) && GST_CLOCK_TIME_IS_VALID(result.pts);
  return known && pts > result.pts ? pts - result.pts : 0;
}

// The result that this frame carries, if there is one yet.
std::optional<TimedResult> result_of(State& state, const QueueItem& item) {
  if (item.request) {
    if (item.request->error)
      std::rethrow_exception(item.request->error);
    state.held = TimedResult{item.request->result, item.request->pts};
  } else if (auto latest = state.queue.latest()) {
    state.held = std::move(latest);
  }
  const bool own =
      item.request ||
      (state.held && state.held->pts == GST_BUFFER_PTS(item.buffer.get()));
  if (state.held && !own)
    ++state.counters.stale;
  return state.held;
}

void note_not_finite(GstTorchClassify* self) {
  State& state = *self->state;
  ++state.counters.not_finite;
  if (std::exchange(state.warned_not_finite, true))
    return;
  GST_ELEMENT_WARNING(self, STREAM, FAILED,
                      ("expected finite logits, got NaN or Inf; such frames "
                       "get no label"),
                      (nullptr));
}

void post_result(GstTorchClassify* self, PostMessages when, int label,
                 const GstStructure* structure) {
  State& state = *self->state;
  const bool changed = state.posted_label != label;
  if (when == PostMessages::kNone ||
      (when == PostMessages::kChange && !changed))
    return;
  state.posted_label = label;
  gst_element_post_message(
      GST_ELEMENT(self),
      gst_message_new_element(GST_OBJECT(self), gst_structure_copy(structure)));
}

// Attaches the result and tells the bus.
BufferPtr label_frame(GstTorchClassify* self, QueueItem item) {
  State& state = *self->state;
  const std::optional<TimedResult> result = result_of(state, item);
  BufferPtr buffer(gst_buffer_make_writable(item.buffer.release()));
  if (!result)
    return buffer;
  if (!result->classification.finite) {
    note_not_finite(self);
    return buffer;
  }
  const Snapshot now = snapshot(self);
  const FrameResult frame{
      .model = now.model,
      .top = result->classification.top,
      .classes = &now.classifier->classes(),
      .threshold = now.settings.class_confidence_threshold,
      .age_ns = age_of(*result, buffer.get()),
      .width = state.width,
      .height = state.height,
  };
  if (frame.top.empty())
    return buffer;
  const StructurePtr structure =
      result_structure(frame, buffer.get(), state.src_segment);
  add_frame_meta(buffer.get(), structure.get());
  if (now.settings.full_frame_object)
    add_frame_object(buffer.get(), frame);
  post_result(self, now.settings.post_messages, reported_label_id(frame),
              structure.get());
  return buffer;
}

GstFlowReturn push_frame(GstTorchClassify* self, QueueItem item) try {
  BufferPtr buffer = label_frame(self, std::move(item));
  if (self->state->counters.frames++ % kLatencyCheckEvery == 0)
    report_latency_change(self);
  return gst_pad_push(self->src, buffer.release());
} catch (const std::exception& e) {
  post_frame_error(self, e);
  return GST_FLOW_ERROR;
}

GstFlowReturn push_event(GstTorchClassify* self, EventPtr event) {
  State& state = *self->state;
  if (GST_EVENT_TYPE(event.get()) == GST_EVENT_SEGMENT)
    gst_event_copy_segment(event.get(), &state.src_segment);
  if (GST_EVENT_TYPE(event.get()) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event.get(), &caps);
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    gst_structure_get_int(structure, "width", &state.width);
    gst_structure_get_int(structure, "height", &state.height);
  }
  gst_pad_push_event(self->src, event.release());
  return GST_FLOW_OK;
}

void source_loop(gpointer data) {
  auto* self = GST_TORCH_CLASSIFY(GST_PAD_PARENT(data));
  FrameQueue& queue = self->state->queue;
  std::optional<QueueItem> item = queue.take();
  if (!item) {
    gst_pad_pause_task(self->src);
    return;
  }
  const GstFlowReturn flow = item->event
                                 ? push_event(self, std::move(item->event))
                                 : push_frame(self, std::move(*item));
  queue.finish(flow);
  if (flow != GST_FLOW_OK) {
    GST_DEBUG_OBJECT(self, "stopping: %s", gst_flow_get_name(flow));
    gst_pad_pause_task(self->src);
  }
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
  self->state->queue.stop();
  return gst_pad_stop_task(pad);
}

gboolean activate_sink(GstPad*, GstObject* parent, GstPadMode mode,
                       gboolean active) {
  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (!active)
    GST_TORCH_CLASSIFY(parent)->state->queue.stop();
  return TRUE;
}

// --- GObject and GstElement ---

void reset_stream(GstTorchClassify* self) {
  State& state = *self->state;
  reset_qos(self);
  reset_source(state);
  gst_segment_init(&state.sink_segment, GST_FORMAT_TIME);
  gst_segment_init(&state.src_segment, GST_FORMAT_TIME);
  state.sink_frames = 0;
  state.sink_caps = false;
  state.warned_not_finite = false;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  auto* self = GST_TORCH_CLASSIFY(element);
  if (change == GST_STATE_CHANGE_NULL_TO_READY && !open_model(self))
    return GST_STATE_CHANGE_FAILURE;
  if (change == GST_STATE_CHANGE_READY_TO_PAUSED)
    reset_stream(self);
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_torch_classify_parent_class)
          ->change_state(element, change);
  if (change == GST_STATE_CHANGE_READY_TO_NULL)
    close_model(self);
  return result;
}

void set_property(GObject* object, guint id, const GValue* value,
                  GParamSpec* spec) {
  const ObjectLock lock(object);
  if (!set_setting(GST_TORCH_CLASSIFY(object)->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = GST_TORCH_CLASSIFY(object);
  if (id == kPropStats || id == kPropModelInfo) {
    const auto classifier = classifier_of(self);
    StructurePtr structure =
        id == kPropStats
            ? stats_structure(self->state->counters, classifier.get())
            : model_info_structure(classifier.get());
    g_value_take_boxed(value, structure.release());
    return;
  }
  const ObjectLock lock(object);
  if (!get_setting(self->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void finalize(GObject* object) {
  auto* self = GST_TORCH_CLASSIFY(object);
  close_model(self);
  delete self->state;
  G_OBJECT_CLASS(gst_torch_classify_parent_class)->finalize(object);
}

GstPad* add_pad(GstTorchClassify* self, const char* name) {
  GstPadTemplate* pad_template =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(self), name);
  GstPad* pad = gst_pad_new_from_template(pad_template, name);
  GST_PAD_SET_PROXY_CAPS(pad);
  gst_element_add_pad(GST_ELEMENT(self), pad);
  return pad;
}

void add_template(GstElementClass* element_class, const char* name,
                  GstPadDirection direction) {
  g_autoptr(GstCaps) caps = gst_caps_from_string(kCaps);
  gst_element_class_add_pad_template(
      element_class,
      gst_pad_template_new(name, direction, GST_PAD_ALWAYS, caps));
}

}  // namespace

static void gst_torch_classify_class_init(GstTorchClassifyClass* klass) {
  GST_DEBUG_CATEGORY_INIT(gst_torch_classify_debug, "torchclassify", 0,
                          "image classification");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  install_properties(object_class);
  add_template(element_class, "sink", GST_PAD_SINK);
  add_template(element_class, "src", GST_PAD_SRC);
  gst_element_class_set_static_metadata(
      element_class, "Image classifier", "Filter/Video",
      "Labels video frames with a convolutional network and passes them on",
      "torchclassify");
}

static void gst_torch_classify_init(GstTorchClassify* self) {
  self->state = new State;
  self->sink = add_pad(self, "sink");
  self->src = add_pad(self, "src");
  gst_pad_set_chain_function(self->sink, chain);
  gst_pad_set_event_function(self->sink, sink_event);
  gst_pad_set_query_function(self->sink, sink_query);
  gst_pad_set_activatemode_function(self->sink, activate_sink);
  gst_pad_set_event_function(self->src, src_event);
  gst_pad_set_query_function(self->src, src_query);
  gst_pad_set_activatemode_function(self->src, activate_src);
}
