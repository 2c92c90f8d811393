// SPDX-License-Identifier: LGPL-2.1-or-later
#include "submitter.h"

#include <algorithm>
#include <utility>

#include "frame_view.h"
#include "packed_frame.h"
#include "verdict.h"

namespace torchclassify {

void Submitter::start() {
  flush();
  has_caps_ = false;
  meta_understood_ = true;
}

void Submitter::flush() {
  deadline_.reset();
  schedule_.clear();
  gst_segment_init(&segment_, GST_FORMAT_TIME);
  frames_ = 0;
  turns_ = 0;
}

bool Submitter::take_event(GstEvent* event) {
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START:
      take_stream(event);
      return true;
    case GST_EVENT_CAPS:
      return take_caps(event);
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &segment_);
      return true;
    default:
      return true;
  }
}

void Submitter::take_stream(GstEvent* event) {
  const gchar* id = nullptr;
  gst_event_parse_stream_start(event, &id);
  if (stream_id_ == id)
    return;
  stream_id_ = id;
  ++stream_count_;
  schedule_.clear();
  turns_ = 0;
}

bool Submitter::take_caps(GstEvent* event) {
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  has_caps_ = gst_video_info_from_caps(&info_, caps);
  return has_caps_;
}

bool Submitter::must_skip(GstBuffer* buffer,
                          const FrameSettings& settings) const {
  if (settings.mode == Mode::kLatest && queue_.in_flight())
    return true;
  return settings.qos &&
         (queue_.is_overdue() ||
          deadline_.passed(running_time_of(segment_, GST_BUFFER_PTS(buffer))));
}

bool Submitter::is_its_turn(const FrameSettings& settings, GstBuffer* buffer) {
  ++frames_;
  return turns_++ % settings.inference_interval == 0 &&
         !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP);
}

bool Submitter::is_due(const Region& region, const FrameSettings& settings) {
  return !region.object ||
         schedule_.is_due(region.key, settings.reclassify_interval, frames_);
}

void Submitter::infer_region(QueueItem& item, Part& part, const FrameView& view,
                             const FrameSettings& settings) {
  const GstClockTime pts = GST_BUFFER_PTS(item.buffer.get());
  const RequestPtr request =
      queue_.begin({.stream = stream_,
                    .stream_count = stream_count_,
                    .model_serial = item.model->serial,
                    .key = part.region.key,
                    .box = part.region.box,
                    .frame = frames_,
                    .pts = pts,
                    .stream_time = stream_time_of(segment_, pts),
                    .awaited = settings.mode == Mode::kEveryFrame});
  try {
    const Classifier& classifier = *item.model->classifier;
    item.model->classifier->submit(
        view.part(part.region),
        {.top_k = static_cast<int>(settings.top_k),
         .probabilities = needs_probabilities(settings, classifier.info())},
        [&queue = queue_, request](std::exception_ptr error,
                                   Classification result) {
          queue.complete(request, std::move(error), std::move(result));
        });
  } catch (...) {
    queue_.cancel();
    throw;
  }
  ++counters_.inferred;
  schedule_.note(part.region.key, frames_);
  if (settings.mode == Mode::kEveryFrame)
    part.request = request;
}

void Submitter::infer(QueueItem& item, const FrameSettings& settings) {
  const FrameView view(item.buffer.get(), info_);
  item.classified = frames_;
  for (Part& part : item.parts) {
    if (is_due(part.region, settings))
      infer_region(item, part, view, settings);
  }
}

QueueItem Submitter::submit(BufferPtr buffer, const FrameSettings& settings,
                            ModelPtr model, bool skip) {
  QueueItem item;
  item.arrived = QueueClock::now();
  item.stream_count = stream_count_;
  if (const auto bound = latency_.bound();
      bound && settings.qos && settings.mode == Mode::kEveryFrame)
    item.deadline = item.arrived + *bound;
  item.buffer = std::move(buffer);
  item.model = std::move(model);
  if (std::exchange(model_serial_, item.model->serial) != item.model->serial)
    schedule_.clear();
  for (Region& region : chooser_.choose(item.buffer.get(), info_, settings))
    item.parts.push_back({std::move(region), nullptr});
  counters_.note_regions(static_cast<int>(item.parts.size()));
  if (is_its_turn(settings, item.buffer.get()) && !skip)
    infer(item, settings);
  else if (!item.parts.empty())
    ++counters_.skipped;
  if (!meta_understood_)
    item.buffer = packed_frame(std::move(item.buffer), info_);
  return item;
}

}  // namespace torchclassify
