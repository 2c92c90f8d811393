// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame_queue.h"

#include <algorithm>
#include <utility>

namespace torchclassify {
namespace {

bool is_event(const QueueItem& item, GstEventType type) {
  return item.event && GST_EVENT_TYPE(item.event.get()) == type;
}

bool begins_anew(const QueueItem& item) {
  return is_event(item, GST_EVENT_SEGMENT) ||
         is_event(item, GST_EVENT_STREAM_START);
}

// A frame, or an event that stands for one.
bool is_frame(const QueueItem& item) {
  return item.buffer || !GST_EVENT_IS_STICKY(item.event.get());
}

// What describes the stream, and is still true after the flow has ended so.
bool outlives(const EventPtr& event, GstFlowReturn flow) {
  return event && GST_EVENT_IS_STICKY(event.get()) &&
         GST_EVENT_TYPE(event.get()) != GST_EVENT_EOS &&
         (GST_EVENT_TYPE(event.get()) != GST_EVENT_SEGMENT ||
          flow != GST_FLOW_FLUSHING);
}

}  // namespace

void FrameQueue::start() {
  const Lock lock(mutex_);
  end(GST_FLOW_OK);
}

void FrameQueue::stop() {
  const Lock lock(mutex_);
  end(GST_FLOW_FLUSHING);
}

void FrameQueue::close() {
  const Lock lock(mutex_);
  pushing_.reset();
  items_.clear();
  end(GST_FLOW_FLUSHING);
}

void FrameQueue::end(GstFlowReturn flow) {
  // A flush may have kept the event that is being pushed from arriving.
  if (pushing_)
    items_.push_front({.event = std::move(pushing_)});
  std::erase_if(items_, [flow](const QueueItem& item) {
    return !outlives(item.event, flow);
  });
  frames_ = 0;
  arrivals_.clear();
  failure_ = nullptr;
  overdue_ = 0;
  ready_ = {};
  enough_ = false;
  ++generation_;
  flow_ = flow;
  changed_.notify_all();
}

GstFlowReturn FrameQueue::frame_flow() const {
  return flow_ == GST_FLOW_OK && enough_ ? GST_FLOW_EOS : flow_;
}

GstFlowReturn FrameQueue::wait_for_room(int limit) {
  Lock lock(mutex_);
  changed_.wait(lock, [&] {
    return frame_flow() != GST_FLOW_OK ||
           (frames_ < limit && in_flight_ < limit);
  });
  return frame_flow();
}

GstFlowReturn FrameQueue::push(QueueItem item) {
  const Lock lock(mutex_);
  const GstFlowReturn flow = item.buffer ? frame_flow() : flow_;
  if (flow != GST_FLOW_OK)
    return flow;
  if (begins_anew(item))
    enough_ = false;
  if (item.buffer)
    ++frames_;
  items_.push_back(std::move(item));
  changed_.notify_all();
  return GST_FLOW_OK;
}

bool FrameQueue::wait_drained() {
  Lock lock(mutex_);
  changed_.wait(
      lock, [&] { return flow_ != GST_FLOW_OK || (items_.empty() && !busy_); });
  return flow_ == GST_FLOW_OK;
}

RequestPtr FrameQueue::begin(Request given) {
  auto request = std::make_shared<Request>(std::move(given));
  const Lock lock(mutex_);
  request->generation = generation_;
  request->number = ++requests_;
  ++in_flight_;
  return request;
}

void FrameQueue::complete(const RequestPtr& request, std::exception_ptr error,
                          Classification result) {
  const Lock lock(mutex_);
  --in_flight_;
  changed_.notify_all();
  if (request->generation != generation_)
    return;
  request->done = true;
  request->done_at = QueueClock::now();
  request->error = std::move(error);
  request->result = std::move(result);
  if (request->awaited)
    return;
  if (request->was_overdue)
    --overdue_;
  if (request->error)
    failure_ = request->error;
  else
    arrivals_.push_back(request);
}

void FrameQueue::cancel() {
  const Lock lock(mutex_);
  --in_flight_;
  changed_.notify_all();
}

bool FrameQueue::in_flight() const {
  const Lock lock(mutex_);
  return in_flight_ > 0;
}

bool FrameQueue::is_overdue() const {
  const Lock lock(mutex_);
  return overdue_ > 0;
}

bool FrameQueue::head_ready() const {
  if (items_.empty())
    return false;
  const std::vector<Part>& parts = items_.front().parts;
  return std::all_of(parts.begin(), parts.end(), [](const Part& part) {
    return !part.request || part.request->done;
  });
}

// Until it is ready, late or no more.
void FrameQueue::wait_for_head(Lock& lock) {
  const auto over = [this] { return flow_ != GST_FLOW_OK || head_ready(); };
  while (!over()) {
    if (items_.empty() || !items_.front().deadline)
      changed_.wait(lock);
    else if (changed_.wait_until(lock, *items_.front().deadline) ==
             std::cv_status::timeout)
      return;
  }
}

// Nobody waits for its requests any more.
void FrameQueue::settle_head() {
  QueueItem& item = items_.front();
  QueueClock::time_point ready = item.arrived;
  for (Part& part : item.parts) {
    if (part.request && !part.request->done) {
      part.request->awaited = false;
      part.request->was_overdue = true;
      ++overdue_;
      ready = QueueClock::now();
      part.request = nullptr;
      item.overdue = true;
    } else if (part.request) {
      ready = std::max(ready, part.request->done_at);
    }
  }
  ready_ = std::max(ready, ready_);
  item.delay = ready_ - item.arrived;
}

std::optional<QueueItem> FrameQueue::take() {
  Lock lock(mutex_);
  wait_for_head(lock);
  if (flow_ != GST_FLOW_OK)
    return std::nullopt;
  if (items_.front().buffer) {
    settle_head();
    --frames_;
  }
  QueueItem item = std::move(items_.front());
  items_.pop_front();
  if (outlives(item.event, GST_FLOW_OK))
    pushing_.reset(gst_event_ref(item.event.get()));
  busy_ = true;
  taken_ = generation_;
  changed_.notify_all();
  return item;
}

void FrameQueue::discard_frames() {
  enough_ = true;
  std::erase_if(items_, [this](const QueueItem& item) {
    if (begins_anew(item))
      enough_ = false;
    return enough_ && is_frame(item);
  });
  frames_ = static_cast<int>(std::count_if(
      items_.begin(), items_.end(),
      [](const QueueItem& item) { return item.buffer != nullptr; }));
}

bool FrameQueue::finish(GstFlowReturn flow) {
  const Lock lock(mutex_);
  busy_ = false;
  pushing_.reset();
  changed_.notify_all();
  // A flush since take() has begun anew: what came before does not count.
  if (flow >= GST_FLOW_OK || flow_ != GST_FLOW_OK || taken_ != generation_)
    return false;
  if (flow == GST_FLOW_EOS) {
    discard_frames();
    return false;
  }
  const bool ended = std::any_of(
      items_.begin(), items_.end(),
      [](const QueueItem& item) { return is_event(item, GST_EVENT_EOS); });
  end(flow);
  return ended;
}

std::vector<RequestPtr> FrameQueue::take_arrivals(guint stream) {
  const Lock lock(mutex_);
  if (failure_)
    std::rethrow_exception(failure_);
  const auto others = std::stable_partition(
      arrivals_.begin(), arrivals_.end(),
      [stream](const RequestPtr& each) { return each->stream == stream; });
  std::vector<RequestPtr> taken(arrivals_.begin(), others);
  arrivals_.erase(arrivals_.begin(), others);
  return taken;
}

GstFlowReturn FrameQueue::flow() const {
  const Lock lock(mutex_);
  return flow_;
}

}  // namespace torchclassify
