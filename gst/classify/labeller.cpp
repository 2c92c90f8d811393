// SPDX-License-Identifier: LGPL-2.1-or-later
#include "labeller.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "tensors.h"

namespace torchclassify {
namespace {

std::uint64_t age_of(GstClockTime classified, GstClockTime pts) {
  const bool known =
      GST_CLOCK_TIME_IS_VALID(pts) && GST_CLOCK_TIME_IS_VALID(classified);
  return known && pts > classified ? pts - classified : 0;
}

bool tracks_all(const QueueItem& item) {
  return std::none_of(item.parts.begin(), item.parts.end(),
                      [](const Part& part) { return part.region.key.empty(); });
}

}  // namespace

void Labeller::start() {
  flush();
  model_serial_ = 0;
}

void Labeller::forget() {
  histories_.clear();
  posted_untracked_.clear();
}

void Labeller::flush() {
  forget();
  gst_segment_init(&segment_, GST_FORMAT_TIME);
}

void Labeller::take_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment(event, &segment_);
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS)
    note_caps(event);
}

void Labeller::note_caps(GstEvent* event) {
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  gst_structure_get_int(structure, "width", &width_);
  gst_structure_get_int(structure, "height", &height_);
}

// From here on no frame carries a label of the model or the stream before.
void Labeller::note_origin(const QueueItem& item) {
  const bool same_stream =
      std::exchange(stream_count_, item.stream_count) == item.stream_count;
  const bool same_model =
      std::exchange(model_serial_, item.model->serial) == item.model->serial;
  if (!same_stream || !same_model)
    forget();
}

void Labeller::take(const Request& request, const OpenModel& model,
                    const FrameSettings& settings) {
  if (request.error)
    std::rethrow_exception(request.error);
  if (request.model_serial != model.serial ||
      request.stream_count != stream_count_)
    return;
  if (request.result.finite)
    histories_.take(request, settings, model.classifier->info());
  else
    notices_.note_not_finite();
}

void Labeller::take_results(const QueueItem& item,
                            const FrameSettings& settings) {
  for (const RequestPtr& request : queue_.take_arrivals(stream_))
    take(*request, *item.model, settings);
  if (item.classified && tracks_all(item))
    histories_.forget_untracked(item.classified);
  for (const Part& part : item.parts) {
    if (part.request)
      take(*part.request, *item.model, settings);
  }
}

FrameResult Labeller::results_of(const QueueItem& item) {
  FrameResult frame{.model = item.model.get(),
                    .regions = {},
                    .stream = {},
                    .width = width_,
                    .height = height_};
  if (item.origin)
    frame.stream = stream_;
  const GstClockTime pts = GST_BUFFER_PTS(item.buffer.get());
  bool stale = false;
  for (const Part& part : item.parts) {
    if (part.request && !part.request->result.finite)
      continue;
    const auto known = histories_.recall(part);
    if (!known)
      continue;
    stale = stale || (!part.request && known->pts != pts);
    frame.regions.push_back({&part.region, known->verdict,
                             age_of(known->pts, pts), known->posted_label});
  }
  if (stale)
    ++counters_.stale;
  return frame;
}

// Since it was asked last.
bool Labeller::labels_changed(const FrameResult& frame) {
  bool changed = false;
  std::vector<int> untracked;
  for (const RegionResult& each : frame.regions) {
    const int label = each.verdict->label_id;
    if (each.posted_label)
      changed = std::exchange(*each.posted_label, label) != label || changed;
    else
      untracked.push_back(label);
  }
  std::sort(untracked.begin(), untracked.end());
  if (!untracked.empty())
    changed =
        std::exchange(posted_untracked_, untracked) != untracked || changed;
  return changed;
}

void Labeller::post_results(PostMessages when, const FrameResult& frame,
                            const GstStructure* structure) {
  if (when == PostMessages::kNone)
    return;
  const bool changed = labels_changed(frame);
  if (changed || when == PostMessages::kAll)
    post_message(element_, StructurePtr(gst_structure_copy(structure)));
}

BufferPtr Labeller::label(QueueItem item, const FrameSettings& settings) {
  note_origin(item);
  notices_.note_model(*item.model, item.buffer.get(), segment_);
  notices_.note_settings(settings);
  take_results(item, settings);
  const FrameResult frame = results_of(item);
  if (frame.regions.empty())
    return std::move(item.buffer);
  BufferPtr buffer(gst_buffer_make_writable(item.buffer.release()));
  const StructurePtr structure =
      result_structure(frame, buffer.get(), segment_);
  add_frame_meta(buffer.get(), structure.get());
  add_classifications(buffer.get(), frame, settings.full_frame_object);
  if (settings.tensor_meta)
    add_tensor(buffer.get(), frame);
  post_results(settings.post_messages, frame, structure.get());
  return buffer;
}

}  // namespace torchclassify
