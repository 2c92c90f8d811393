// SPDX-License-Identifier: LGPL-2.1-or-later
#include "outlet.h"

#include <chrono>
#include <memory>
#include <utility>

namespace torchclassify {

Outlet::Outlet(GstElement* element, FrameQueue& queue, Counters& counters)
    : element_(element),
      queue_(queue),
      counters_(counters),
      notices_(element, counters),
      pad_(element, 0, queue, counters, notices_) {}

void Outlet::start() {
  notices_.start();
  pad_.start();
  streams_.clear();
}

void Outlet::flush() {
  pad_.flush();
  for (Labeller& labeller : streams_) labeller.flush();
}

BufferPtr Outlet::take(QueueItem item, const FrameSettings& settings) {
  if (item.is_container)
    return std::move(item.buffer);
  counters_.added.add(std::chrono::nanoseconds(item.delay).count());
  if (item.overdue)
    ++counters_.overdue;
  BufferPtr labelled = label(std::move(item), settings);
  ++counters_.frames;
  return labelled;
}

BufferPtr Outlet::label(QueueItem item, const FrameSettings& settings) {
  if (!item.origin)
    return pad_.label(std::move(item), settings);
  const std::shared_ptr<Batch> batch = item.origin->batch;
  const Batch::Place place = item.origin->place;
  Labeller& labeller = labeller_at(place.stream);
  for (const EventPtr& event : item.origin->events)
    labeller.take_event(event.get());
  batch->put(place, labeller.label(std::move(item), settings));
  return nullptr;
}

Labeller& Outlet::labeller_at(guint number) {
  while (streams_.size() <= number) {
    const auto next = static_cast<guint>(streams_.size());
    streams_.emplace_back(element_, next, queue_, counters_, notices_);
  }
  return streams_[number];
}

}  // namespace torchclassify
