// SPDX-License-Identifier: LGPL-2.1-or-later
#include "batch.h"

#include <gst/analytics/analytics.h>

#include <string>
#include <utility>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

GstAnalyticsBatchMeta& meta_of(const BufferPtr& container) {
  return *gst_buffer_get_analytics_batch_meta(container.get());
}

guint frames_in(GstMiniObject* object) {
  if (GST_IS_BUFFER_LIST(object))
    return gst_buffer_list_length(GST_BUFFER_LIST(object));
  return GST_IS_BUFFER(object) ? 1 : 0;
}

GstMiniObject*& object_at(GstAnalyticsBatchMeta& meta,
                          const Batch::Place& place) {
  return meta.streams[place.stream].objects[place.object];
}

// The list may have other owners.
GstBufferList* writable_list(GstMiniObject*& object) {
  object = gst_mini_object_make_writable(object);
  return GST_BUFFER_LIST(object);
}

// What was there before.
BufferPtr exchange(GstMiniObject*& object, guint index, BufferPtr buffer) {
  if (GST_IS_BUFFER(object))
    return BufferPtr(
        GST_BUFFER(std::exchange(object, GST_MINI_OBJECT(buffer.release()))));
  GstBufferList* list = writable_list(object);
  BufferPtr before(gst_buffer_ref(gst_buffer_list_get(list, index)));
  gst_buffer_list_remove(list, index, 1);
  gst_buffer_list_insert(list, static_cast<gint>(index), buffer.release());
  return before;
}

}  // namespace

bool have_batches() { return true; }

// With a meta of its own, however many own the container that came.
Batch::Batch(BufferPtr container)
    : container_(gst_buffer_make_writable(container.release())) {
  if (!gst_buffer_get_analytics_batch_meta(container_.get()))
    throw Error(ErrorCode::kInvalidArgument,
                "expected a GstAnalyticsBatchMeta on a buffer of caps " +
                    std::string(kBatchMediaType) + ", got none");
}

guint Batch::streams() const {
  return static_cast<guint>(meta_of(container_).n_streams);
}

std::vector<Batch::Entry> Batch::entries(guint stream) const {
  const std::lock_guard lock(mutex_);
  const GstAnalyticsBatchStream& given = meta_of(container_).streams[stream];
  std::vector<Entry> all;
  for (gsize i = 0; i < given.n_sticky_events; ++i)
    all.push_back({.event = given.sticky_events[i]});
  for (gsize i = 0; i < given.n_objects; ++i) {
    GstMiniObject* object = given.objects[i];
    if (GST_IS_EVENT(object))
      all.push_back({.event = GST_EVENT(object)});
    for (guint j = 0; j < frames_in(object); ++j)
      all.push_back({.place = {.stream = stream, .object = i, .buffer = j}});
  }
  return all;
}

BufferPtr Batch::take(const Place& place) {
  const std::lock_guard lock(mutex_);
  return exchange(object_at(meta_of(container_), place), place.buffer,
                  BufferPtr(gst_buffer_new()));
}

void Batch::put(const Place& place, BufferPtr frame) {
  const std::lock_guard lock(mutex_);
  exchange(object_at(meta_of(container_), place), place.buffer,
           std::move(frame));
}

BufferPtr Batch::container() const {
  return BufferPtr(gst_buffer_ref(container_.get()));
}

}  // namespace torchclassify
