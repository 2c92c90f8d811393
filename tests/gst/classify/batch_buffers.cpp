// SPDX-License-Identifier: LGPL-2.1-or-later
#include "batch_buffers.h"

#include <gst/analytics/analytics.h>

#include <algorithm>

#include "classify_harness.h"

namespace support {
namespace {

// GLib's, as the meta frees it.
template <typename T>
T** array_of(const std::vector<T*>& items) {
  T** array = g_new(T*, items.size());
  std::copy(items.begin(), items.end(), array);
  return array;
}

std::vector<GstEvent*> sticky_events(const BatchStream& stream) {
  g_autoptr(GstCaps) caps = gst_caps_from_string(stream.caps.c_str());
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  std::vector<GstEvent*> events = {
      gst_event_new_stream_start(stream.id.c_str())};
  if (!stream.caps.empty())
    events.push_back(gst_event_new_caps(caps));
  events.push_back(gst_event_new_segment(&segment));
  return events;
}

void append_frames(GstMiniObject* object, std::vector<GstBuffer*>* frames) {
  if (GST_IS_BUFFER(object))
    frames->push_back(GST_BUFFER(object));
  if (!GST_IS_BUFFER_LIST(object))
    return;
  GstBufferList* list = GST_BUFFER_LIST(object);
  for (guint i = 0; i < gst_buffer_list_length(list); ++i)
    frames->push_back(gst_buffer_list_get(list, i));
}

std::vector<GstBuffer*> frames_of(const GstAnalyticsBatchStream& stream) {
  std::vector<GstBuffer*> frames;
  for (gsize i = 0; i < stream.n_objects; ++i)
    append_frames(stream.objects[i], &frames);
  return frames;
}

std::vector<GstAnalyticsBatchStream> streams_of(GstBuffer* batch) {
  const auto* meta = gst_buffer_get_analytics_batch_meta(batch);
  g_assert_nonnull(meta);
  return {meta->streams, meta->streams + meta->n_streams};
}

}  // namespace

GstBuffer* make_batch(const std::vector<BatchStream>& streams) {
  GstBuffer* batch = gst_buffer_new();
  GstAnalyticsBatchMeta* meta = gst_buffer_add_analytics_batch_meta(batch);
  meta->streams = g_new0(GstAnalyticsBatchStream, streams.size());
  meta->n_streams = streams.size();
  for (guint i = 0; i < streams.size(); ++i) {
    GstAnalyticsBatchStream& stream = meta->streams[i];
    const std::vector<GstEvent*> events = sticky_events(streams[i]);
    stream.index = i;
    stream.n_sticky_events = events.size();
    stream.sticky_events = array_of(events);
    stream.n_objects = streams[i].objects.size();
    stream.objects = array_of(streams[i].objects);
  }
  return batch;
}

std::vector<GstBuffer*> frames_of(GstBuffer* batch) {
  std::vector<GstBuffer*> all;
  for (const GstAnalyticsBatchStream& stream : streams_of(batch)) {
    for (GstBuffer* frame : frames_of(stream)) all.push_back(frame);
  }
  return all;
}

std::string labels_of(GstBuffer* batch) {
  std::string text;
  for (const GstAnalyticsBatchStream& stream : streams_of(batch)) {
    text += text.empty() ? "" : " |";
    for (GstBuffer* frame : frames_of(stream)) {
      const int label = label_of(frame);
      text += (text.empty() ? "" : " ") +
              (label == -2 ? std::string("-") : std::to_string(label));
    }
  }
  return text;
}

}  // namespace support
