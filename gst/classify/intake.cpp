// SPDX-License-Identifier: LGPL-2.1-or-later
#include "intake.h"

#include <memory>
#include <string>
#include <utility>

#include "torchclassify/error.h"

namespace torchclassify {
namespace {

constexpr int kSpareFrames = 4;  // queued beyond what batches need

int room(const OpenModel& model) {
  return 2 * model.batch_size * model.batches + kSpareFrames;
}

const GstStructure* structure_of_caps(GstEvent* event) {
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  return gst_caps_get_structure(caps, 0);
}

bool is_caps(GstEvent* event) {
  return GST_EVENT_TYPE(event) == GST_EVENT_CAPS;
}

}  // namespace

Intake::Intake(GstElement* element, FrameQueue& queue, Counters& counters,
               const ReportedLatency& latency)
    : queue_(queue),
      counters_(counters),
      latency_(latency),
      chooser_(element, counters),
      pad_(0, chooser_, queue, counters, latency) {}

void Intake::start() {
  pad_.start();
  streams_.clear();
  is_batched_ = false;
}

void Intake::flush() {
  pad_.flush();
  for (Stream& stream : streams_) stream.submitter.flush();
}

bool Intake::take_event(GstEvent* event) {
  if (!is_caps(event))
    return pad_.take_event(event);
  is_batched_ =
      gst_structure_has_name(structure_of_caps(event), kBatchMediaType);
  return is_batched_ || pad_.take_event(event);
}

GstFlowReturn Intake::take(BufferPtr buffer, const FrameSettings& settings,
                           const ModelPtr& model) {
  const GstFlowReturn flow = queue_.wait_for_room(room(*model));
  if (flow != GST_FLOW_OK)
    return flow;
  if (is_batched_)
    return take_batch(std::move(buffer), settings, model);
  const bool skip = pad_.must_skip(buffer.get(), settings);
  return queue_.push(pad_.submit(std::move(buffer), settings, model, skip));
}

struct Intake::BatchInput {
  std::shared_ptr<Batch> batch;
  const FrameSettings& settings;
  const ModelPtr& model;
  // Of all its frames: one by one, the first stream's would be the only ones
  // that are inferred when time is short.
  bool skip;
  int regions = 0;  // so far
};

GstFlowReturn Intake::take_batch(BufferPtr buffer,
                                 const FrameSettings& settings,
                                 const ModelPtr& model) {
  const bool skip = pad_.must_skip(buffer.get(), settings);
  BatchInput input = {.batch = std::make_shared<Batch>(std::move(buffer)),
                      .settings = settings,
                      .model = model,
                      .skip = skip};
  for (guint i = 0; i < input.batch->streams(); ++i) {
    const GstFlowReturn flow = take_stream(input, i);
    if (flow != GST_FLOW_OK)
      return flow;
  }
  counters_.note_regions(input.regions);
  QueueItem item;
  item.arrived = QueueClock::now();
  item.is_container = true;
  item.buffer = input.batch->container();
  input.batch.reset();  // so that downstream is its only owner
  return queue_.push(std::move(item));
}

GstFlowReturn Intake::take_stream(BatchInput& input, guint number) {
  Stream& stream = stream_at(number);
  std::vector<EventPtr> events;  // before the next frame
  for (const Batch::Entry& entry : input.batch->entries(number)) {
    if (entry.event) {
      take_stream_event(stream, entry.event);
      events.emplace_back(gst_event_ref(entry.event));
      continue;
    }
    if (stream.content == Content::kOther)
      continue;
    const GstFlowReturn flow =
        take_frame(input, stream, entry.place, std::exchange(events, {}));
    if (flow != GST_FLOW_OK)
      return flow;
  }
  return GST_FLOW_OK;
}

GstFlowReturn Intake::take_frame(BatchInput& input, Stream& stream,
                                 const Batch::Place& place,
                                 std::vector<EventPtr> events) {
  if (stream.content == Content::kUnknown)
    throw Error(ErrorCode::kInvalidArgument,
                "expected caps before the frames of stream " +
                    std::to_string(place.stream) + " of a batch, got none");
  const GstFlowReturn flow = queue_.wait_for_room(room(*input.model));
  if (flow != GST_FLOW_OK)
    return flow;
  QueueItem item = stream.submitter.submit(
      input.batch->take(place), input.settings, input.model, input.skip);
  item.origin = {input.batch, place, std::move(events)};
  input.regions += static_cast<int>(item.parts.size());
  return queue_.push(std::move(item));
}

void Intake::take_stream_event(Stream& stream, GstEvent* event) {
  if (is_caps(event)) {
    const bool is_video =
        gst_structure_has_name(structure_of_caps(event), "video/x-raw");
    stream.content = is_video ? Content::kVideo : Content::kOther;
    if (!is_video)
      return;
  }
  if (!stream.submitter.take_event(event))
    throw Error(ErrorCode::kInvalidArgument,
                "expected caps of video frames in a batch, got others");
}

Intake::Stream& Intake::stream_at(guint number) {
  while (streams_.size() <= number) {
    const auto next = static_cast<guint>(streams_.size());
    streams_.emplace_back(next, *this);
  }
  return streams_[number];
}

}  // namespace torchclassify
