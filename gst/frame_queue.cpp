// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame_queue.h"

#include <utility>

namespace torchclassify {

using Lock = std::unique_lock<std::mutex>;

void FrameQueue::start() {
  const Lock lock(mutex_);
  end(GST_FLOW_OK);
}

void FrameQueue::stop() {
  const Lock lock(mutex_);
  end(GST_FLOW_FLUSHING);
}

void FrameQueue::end(GstFlowReturn flow) {
  items_.clear();
  frames_ = 0;
  latest_.reset();
  failure_ = nullptr;
  ++generation_;
  flow_ = flow;
  changed_.notify_all();
}

GstFlowReturn FrameQueue::wait_for_room(int limit) {
  Lock lock(mutex_);
  changed_.wait(lock, [&] {
    return flow_ != GST_FLOW_OK || (frames_ < limit && in_flight_ < limit);
  });
  return flow_;
}

GstFlowReturn FrameQueue::push(QueueItem item) {
  const Lock lock(mutex_);
  if (flow_ != GST_FLOW_OK)
    return flow_;
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

RequestPtr FrameQueue::begin(GstClockTime pts, bool awaited) {
  auto request = std::make_shared<Request>();
  request->pts = pts;
  request->awaited = awaited;
  const Lock lock(mutex_);
  request->generation = generation_;
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
  if (request->awaited) {
    request->done = true;
    request->error = std::move(error);
    request->result = std::move(result);
  } else if (error) {
    failure_ = std::move(error);
  } else {
    latest_ = TimedResult{std::move(result), request->pts};
  }
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

bool FrameQueue::head_ready() const {
  if (items_.empty())
    return false;
  const RequestPtr& request = items_.front().request;
  return !request || request->done;
}

std::optional<QueueItem> FrameQueue::take() {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return flow_ != GST_FLOW_OK || head_ready(); });
  if (flow_ != GST_FLOW_OK)
    return std::nullopt;
  QueueItem item = std::move(items_.front());
  items_.pop_front();
  if (item.buffer)
    --frames_;
  busy_ = true;
  changed_.notify_all();
  return item;
}

void FrameQueue::finish(GstFlowReturn flow) {
  const Lock lock(mutex_);
  busy_ = false;
  if (flow != GST_FLOW_OK && flow_ == GST_FLOW_OK)
    end(flow);
  changed_.notify_all();
}

std::optional<TimedResult> FrameQueue::latest() const {
  const Lock lock(mutex_);
  if (failure_)
    std::rethrow_exception(failure_);
  return latest_;
}

GstFlowReturn FrameQueue::flow() const {
  const Lock lock(mutex_);
  return flow_;
}

}  // namespace torchclassify
