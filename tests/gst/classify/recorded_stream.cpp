// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recorded_stream.h"

#include <chrono>
#include <utility>

namespace support {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;
constexpr int kHeight = 4;  // of frames
constexpr int kFirst = 20;  // value of frame 0; 13 and 14 have a meaning
constexpr guint kClasses = 256;
constexpr guint kOtherClasses = 128;

bool is_other(const std::string& model) {
  return model.find("other") != std::string::npos;
}

ElementPtr make_element(const char* properties) {
  g_autofree char* line = g_strdup_printf("torchclassify %s", properties);
  g_autoptr(GError) error = nullptr;
  GstElement* element = gst_parse_launch(line, &error);
  g_assert_no_error(error);
  return ElementPtr(GST_ELEMENT(gst_object_ref_sink(element)));
}

GstStaticPadTemplate kSource = GST_STATIC_PAD_TEMPLATE(
    "source", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate kSink = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

PadPtr make_pad(GstStaticPadTemplate* made, RecordedStream* stream) {
  GstPad* pad = gst_pad_new_from_static_template(made, made->name_template);
  gst_object_ref_sink(pad);
  gst_pad_set_element_private(pad, stream);
  return PadPtr(pad);
}

RecordedStream* stream_of(GstPad* pad) {
  return static_cast<RecordedStream*>(gst_pad_get_element_private(pad));
}

void link(GstPad* source, GstPad* sink) {
  g_assert_cmpint(gst_pad_link(source, sink), ==, GST_PAD_LINK_OK);
}

Item item_of(GstEvent* event) {
  return {.what = GST_EVENT_TYPE_NAME(event),
          .number = gst_event_get_seqnum(event)};
}

Item item_of(GstQuery* query) { return {.what = GST_QUERY_TYPE_NAME(query)}; }

Item item_of(GstBuffer* buffer) {
  Item item{
      .what = "frame",
      .number = static_cast<std::int64_t>(GST_BUFFER_PTS(buffer) / kFrame)};
  if (const GstStructure* result = result_of(buffer)) {
    item.label = gst_structure_get_string(result, "label");
    gst_structure_get_int(result, "width", &item.width);
  }
  return item;
}

guint classes_of(GstElement* element) {
  g_autoptr(GstStructure) info = nullptr;
  g_object_get(element, "model-info", &info, nullptr);
  return gst_value_list_get_size(gst_structure_get_value(info, "classes"));
}

}  // namespace

std::string label_of_frame(const std::string& classes, int index) {
  return classes + " " + std::to_string(kFirst + index);
}

RecordedStream::RecordedStream(const char* properties)
    : element_(make_element(properties)),
      bus_(gst_bus_new()),
      source_(make_pad(&kSource, this)),
      sink_(make_pad(&kSink, this)) {
  gst_bus_set_sync_handler(bus_.get(), message, this, nullptr);
  gst_element_set_bus(element_.get(), bus_.get());
  gst_pad_set_event_function(source_.get(), source_event);
  gst_pad_set_chain_function(sink_.get(), chain);
  gst_pad_set_event_function(sink_.get(), sink_event);
  gst_pad_set_query_function(sink_.get(), sink_query);
  const PadPtr in(gst_element_get_static_pad(element_.get(), "sink"));
  const PadPtr out(gst_element_get_static_pad(element_.get(), "src"));
  link(source_.get(), in.get());
  link(out.get(), sink_.get());
  g_assert_cmpint(gst_element_set_state(element_.get(), GST_STATE_READY), ==,
                  GST_STATE_CHANGE_SUCCESS);
}

RecordedStream::~RecordedStream() {
  gst_element_set_state(element_.get(), GST_STATE_NULL);
  gst_element_set_bus(element_.get(), nullptr);
}

void RecordedStream::start(int width) {
  sent_.clear();
  swapped_ = ended_ = false;
  frames_ = 0;
  received_.clear();
  end_received_ = false;
  gst_pad_set_active(sink_.get(), TRUE);
  gst_element_set_state(element_.get(), GST_STATE_PLAYING);
  gst_pad_set_active(source_.get(), TRUE);
  push_event(gst_event_new_stream_start("stream"));
  push_caps(width);
  push_segment(gst_util_seqnum_next());
}

Record RecordedStream::stop() {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return end_received_; }))
      g_error("expected the end of the stream, got %s last",
              received_.empty() ? "nothing" : received_.back().what.data());
  }
  gst_pad_set_active(source_.get(), FALSE);
  gst_element_set_state(element_.get(), GST_STATE_READY);
  gst_pad_set_active(sink_.get(), FALSE);
  return std::move(received_);
}

void RecordedStream::push_caps(int width) {
  width_ = width;
  g_autoptr(GstCaps) caps = gst_caps_new_simple(
      "video/x-raw", "format", G_TYPE_STRING, "GRAY8", "width", G_TYPE_INT,
      width, "height", G_TYPE_INT, kHeight, nullptr);
  push_event(gst_event_new_caps(caps));
}

void RecordedStream::push_segment(guint32 seqnum) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  GstEvent* event = gst_event_new_segment(&segment);
  gst_event_set_seqnum(event, seqnum);
  push_event(event);
}

void RecordedStream::push_event(GstEvent* event) {
  sent_.push_back(item_of(event));
  ended_ = ended_ || GST_EVENT_TYPE(event) == GST_EVENT_EOS;
  g_assert_true(gst_pad_push_event(source_.get(), event));
}

void RecordedStream::push_frame(int index) {
  const gsize bytes = static_cast<gsize>(width_) * kHeight;
  const GstFlowReturn flow =
      gst_pad_push(source_.get(), frame(kFirst + index, index, bytes));
  g_assert_cmpint(flow, ==, ended_ ? GST_FLOW_EOS : GST_FLOW_OK);
  if (ended_)
    return;
  // The first frame's model is no news.
  if (swapped_ && frames_ > 0)
    sent_.push_back({.what = "model", .label = model_});
  swapped_ = false;
  ++frames_;
  sent_.push_back(
      {.what = "frame",
       .number = index,
       .label = label_of_frame(is_other(model_) ? "other" : "class", index),
       .width = width_});
  if (index % 3 == 0)
    push_event(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, nullptr));
}

void RecordedStream::send_query(GstQuery* query) {
  sent_.push_back(item_of(query));
  g_assert_true(gst_pad_peer_query(source_.get(), query));
}

void RecordedStream::seek() {
  g_assert_true(gst_pad_push_event(
      sink_.get(),
      gst_event_new_seek(1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
                         GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0)));
}

void RecordedStream::swap_model(const char* model) {
  model_ = model;
  swapped_ = true;
  g_object_set(element_.get(), "model-file", model, nullptr);
  const guint classes = is_other(model_) ? kOtherClasses : kClasses;
  while (classes_of(element_.get()) != classes) g_usleep(50);
}

GstFlowReturn RecordedStream::chain(GstPad* pad, GstObject*,
                                    GstBuffer* buffer) {
  stream_of(pad)->receive(item_of(buffer));
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;
}

gboolean RecordedStream::sink_event(GstPad* pad, GstObject*, GstEvent* event) {
  stream_of(pad)->receive(item_of(event));
  gst_event_unref(event);
  return TRUE;
}

gboolean RecordedStream::sink_query(GstPad* pad, GstObject* parent,
                                    GstQuery* query) {
  if (!GST_QUERY_IS_SERIALIZED(query))
    return gst_pad_query_default(pad, parent, query);
  stream_of(pad)->receive(item_of(query));
  return TRUE;
}

gboolean RecordedStream::source_event(GstPad* pad, GstObject*,
                                      GstEvent* event) {
  const bool seek = GST_EVENT_TYPE(event) == GST_EVENT_SEEK;
  const guint32 seqnum = gst_event_get_seqnum(event);
  gst_event_unref(event);
  if (!seek)
    return TRUE;
  GstEvent* flushes[] = {gst_event_new_flush_start(),
                         gst_event_new_flush_stop(TRUE)};
  for (GstEvent* flush : flushes) {
    gst_event_set_seqnum(flush, seqnum);
    stream_of(pad)->push_event(flush);
  }
  stream_of(pad)->push_segment(seqnum);
  return TRUE;
}

GstBusSyncReply RecordedStream::message(GstBus*, GstMessage* message,
                                        gpointer self) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR ||
      GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
    g_error("expected no %s", GST_MESSAGE_TYPE_NAME(message));
  if (gst_message_has_name(message, "torchclassify-model"))
    static_cast<RecordedStream*>(self)->receive(
        {.what = "model",
         .label = gst_structure_get_string(gst_message_get_structure(message),
                                           "model")});
  gst_message_unref(message);
  return GST_BUS_DROP;
}

void RecordedStream::receive(Item item) {
  const std::lock_guard lock(mutex_);
  end_received_ = end_received_ || item.what == "eos";
  received_.push_back(std::move(item));
  if (end_received_)
    changed_.notify_all();
}

}  // namespace support
