// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gsttorchpublish.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "change_filter.h"
#include "gst_raii.h"
#include "publish_errors.h"
#include "publish_settings.h"
#include "record.h"
#include "sender.h"
#include "torchclassify/results.h"
#include "transports.h"

GST_DEBUG_CATEGORY(gst_torch_publish_debug);
#define GST_CAT_DEFAULT gst_torch_publish_debug

using namespace torchclassify;

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

// What the sender's thread says, as messages on the bus.
class BusReporter final : public SenderListener {
 public:
  explicit BusReporter(GstElement* element) : element_(element) {}

  void warn(const std::string& text) override {
    GST_ELEMENT_WARNING(element_, RESOURCE, WRITE, ("%s", text.c_str()),
                        (nullptr));
  }
  void inform(const std::string& text) override {
    GST_ELEMENT_INFO(element_, RESOURCE, WRITE, ("%s", text.c_str()),
                     (nullptr));
  }
  void fail(const Error& error) override {
    post_publish_error(element_, error);
  }

 private:
  GstElement* element_;  // owns this
};

struct State {
  explicit State(GstElement* element) : reporter(element) {}

  BusReporter reporter;

  // Object lock.
  PublishSettings settings;
  std::shared_ptr<Sender> sender;  // READY and above

  // Written in NULL, read above it.
  std::string source;

  // The streaming thread.
  ChangeFilter filter;
};

}  // namespace

struct _GstTorchPublish {
  GstBaseTransform parent;
  State* state;  // new in _init(), deleted in _finalize()
};

G_DEFINE_TYPE(GstTorchPublish, gst_torch_publish, GST_TYPE_BASE_TRANSFORM)

namespace {

std::shared_ptr<Sender> sender_of(GstTorchPublish* self) {
  const ObjectLock lock(self);
  return self->state->sender;
}

RecordOptions record_options(GstTorchPublish* self) {
  const ObjectLock lock(self);
  return self->state->settings.record;
}

TransportOptions transport_options(GstTorchPublish* self) {
  const ObjectLock lock(self);
  return self->state->settings.transport;
}

bool open_sender(GstTorchPublish* self) try {
  State& state = *self->state;
  const TransportOptions options = transport_options(self);
  state.source = options.source;
  auto sender = std::make_shared<Sender>(
      make_transport(options), options.delivery == Delivery::kAtLeastOnce,
      state.reporter);
  if (!options.tls && !options.password.empty())
    GST_WARNING_OBJECT(self, "tls=false: the password is sent in the clear");
  const ObjectLock lock(self);
  state.sender = std::move(sender);
  return true;
} catch (const std::exception& e) {
  post_publish_error(GST_ELEMENT(self), e);
  return false;
}

// The sender ends what it is about: not under a lock.
void close_sender(GstTorchPublish* self) {
  std::shared_ptr<Sender> sender;
  {
    const ObjectLock lock(self);
    sender.swap(self->state->sender);
  }
  sender.reset();
}

// --- streaming thread ---

void publish_buffer(GstTorchPublish* self, Sender& sender, GstBuffer* buffer) {
  State& state = *self->state;
  const RecordOptions options = record_options(self);
  gpointer position = nullptr;
  for (std::size_t place = 0;; ++place) {
    g_autoptr(TorchClassifyFrame) frame =
        torchclassify_frame_next(buffer, &position);
    if (!frame)
      return;
    if (state.filter.wants(options, place, *frame))
      sender.publish(json_line(*frame, state.source), options.max_queue);
  }
}

GstFlowReturn transform_ip(GstBaseTransform* trans, GstBuffer* buffer) try {
  auto* self = GST_TORCH_PUBLISH(trans);
  const auto sender = sender_of(self);
  if (!sender)
    return GST_FLOW_FLUSHING;
  if (sender->has_failed())
    return GST_FLOW_ERROR;  // and it has said why
  publish_buffer(self, *sender, buffer);
  return GST_FLOW_OK;
} catch (const std::exception& e) {
  GST_ELEMENT_ERROR(trans, STREAM, FAILED, ("%s", e.what()), (nullptr));
  return GST_FLOW_ERROR;
}

// The end of the stream waits for what it has said to be safe.
void drain(GstTorchPublish* self) {
  const auto sender = sender_of(self);
  if (!sender || sender->has_failed())
    return;
  const std::chrono::nanoseconds longest(record_options(self).drain_timeout);
  if (!sender->queue().drain(longest))
    GST_INFO_OBJECT(self, "%" G_GUINT64_FORMAT " results not yet acknowledged",
                    sender->queue().counts().queued);
}

gboolean sink_event(GstBaseTransform* trans, GstEvent* event) try {
  auto* self = GST_TORCH_PUBLISH(trans);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_EOS:
      drain(self);
      break;
    case GST_EVENT_FLUSH_START:
      if (const auto sender = sender_of(self))
        sender->queue().interrupt();
      break;
    case GST_EVENT_FLUSH_STOP:
      self->state->filter.reset();
      if (const auto sender = sender_of(self))
        sender->queue().resume();
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS(gst_torch_publish_parent_class)
      ->sink_event(trans, event);
} catch (const std::exception& e) {
  GST_ELEMENT_ERROR(trans, STREAM, FAILED, ("%s", e.what()), (nullptr));
  gst_event_unref(event);
  return FALSE;
}

gboolean start(GstBaseTransform* trans) {
  auto* self = GST_TORCH_PUBLISH(trans);
  self->state->filter.reset();
  if (const auto sender = sender_of(self))
    sender->queue().resume();
  return TRUE;
}

// --- GObject and GstElement ---

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  auto* self = GST_TORCH_PUBLISH(element);
  if (change == GST_STATE_CHANGE_NULL_TO_READY && !open_sender(self))
    return GST_STATE_CHANGE_FAILURE;
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    if (const auto sender = sender_of(self))
      sender->queue().interrupt();
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_torch_publish_parent_class)
          ->change_state(element, change);
  if (change == GST_STATE_CHANGE_READY_TO_NULL)
    close_sender(self);
  return result;
}

StructurePtr stats_structure(Sender* sender) {
  const LineCounts counts = sender ? sender->queue().counts() : LineCounts();
  return StructurePtr(gst_structure_new(
      "stats", "queued", G_TYPE_UINT64, counts.queued, "sent", G_TYPE_UINT64,
      counts.sent, "acknowledged", G_TYPE_UINT64, counts.acknowledged,
      "dropped", G_TYPE_UINT64, counts.dropped, "failed", G_TYPE_UINT64,
      counts.failed, "reconnects", G_TYPE_UINT64,
      sender ? sender->reconnects() : 0, "connected", G_TYPE_BOOLEAN,
      sender && sender->is_connected(), nullptr));
}

void set_property(GObject* object, guint id, const GValue* value,
                  GParamSpec* spec) {
  const ObjectLock lock(object);
  if (!set_publish_setting(GST_TORCH_PUBLISH(object)->state->settings, id,
                           value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = GST_TORCH_PUBLISH(object);
  if (id == kPublishStats) {
    g_value_take_boxed(value, stats_structure(sender_of(self).get()).release());
    return;
  }
  const ObjectLock lock(object);
  if (!get_publish_setting(self->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void finalize(GObject* object) {
  auto* self = GST_TORCH_PUBLISH(object);
  close_sender(self);
  delete self->state;
  G_OBJECT_CLASS(gst_torch_publish_parent_class)->finalize(object);
}

}  // namespace

static void gst_torch_publish_class_init(GstTorchPublishClass* klass) {
  GST_DEBUG_CATEGORY_INIT(gst_torch_publish_debug, "torchpublish", 0,
                          "publishing of results");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  auto* transform_class = GST_BASE_TRANSFORM_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  transform_class->transform_ip = transform_ip;
  transform_class->sink_event = sink_event;
  transform_class->start = start;
  transform_class->transform_ip_on_passthrough = TRUE;
  install_publish_properties(object_class);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "Result publisher", "Filter/Video",
      "Writes what torchclassify says as JSON lines to a file, MQTT or Kafka",
      "torchclassify");
}

static void gst_torch_publish_init(GstTorchPublish* self) {
  self->state = new State(GST_ELEMENT(self));
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}
