// SPDX-License-Identifier: LGPL-2.1-or-later
#include "labeller.h"

#include <exception>
#include <utility>

#include "gsttorchclassify.h"
#include "metadata.h"

#define GST_CAT_DEFAULT gst_torch_classify_debug

namespace torchclassify {
namespace {

std::uint64_t age_of(const TimedResult& result, GstBuffer* buffer) {
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const bool known =
      GST_CLOCK_TIME_IS_VALID(pts) && GST_CLOCK_TIME_IS_VALID(result.pts);
  return known && pts > result.pts ? pts - result.pts : 0;
}

}  // namespace

void Labeller::start() {
  flush();
  warned_not_finite_ = false;
}

void Labeller::flush() {
  held_.reset();
  posted_label_.reset();
  gst_segment_init(&segment_, GST_FORMAT_TIME);
}

void Labeller::take_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment(event, &segment_);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
    return;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  gst_structure_get_int(structure, "width", &width_);
  gst_structure_get_int(structure, "height", &height_);
}

// False if there is no result yet.
bool Labeller::choose_result(const QueueItem& item) {
  if (item.request) {
    if (item.request->error)
      std::rethrow_exception(item.request->error);
    held_ = TimedResult{item.request->result, item.request->pts,
                        item.request->number};
  } else if (auto latest = queue_.latest();
             latest && (!held_ || latest->number > held_->number)) {
    held_ = std::move(latest);
  }
  if (!held_)
    return false;
  if (!item.request && held_->pts != GST_BUFFER_PTS(item.buffer.get()))
    ++counters_.stale;
  return true;
}

void Labeller::note_not_finite() {
  ++counters_.not_finite;
  if (std::exchange(warned_not_finite_, true))
    return;
  GST_ELEMENT_WARNING(element_, STREAM, FAILED,
                      ("expected finite logits, got NaN or Inf; such frames "
                       "get no label"),
                      (nullptr));
}

void Labeller::post(PostMessages when, int label,
                    const GstStructure* structure) {
  const bool changed = posted_label_ != label;
  if (when == PostMessages::kNone ||
      (when == PostMessages::kChange && !changed))
    return;
  posted_label_ = label;
  gst_element_post_message(
      element_, gst_message_new_element(GST_OBJECT(element_),
                                        gst_structure_copy(structure)));
}

BufferPtr Labeller::label(QueueItem item, const FrameSettings& settings,
                          const OpenModel& model) {
  if (!choose_result(item))
    return std::move(item.buffer);
  if (!held_->classification.finite) {
    note_not_finite();
    return std::move(item.buffer);
  }
  const FrameResult frame{
      .model = model.name,
      .top = held_->classification.top,
      .classes = &model.classifier->classes(),
      .threshold = settings.class_confidence_threshold,
      .age_ns = age_of(*held_, item.buffer.get()),
      .width = width_,
      .height = height_,
  };
  if (frame.top.empty())
    return std::move(item.buffer);
  BufferPtr buffer(gst_buffer_make_writable(item.buffer.release()));
  const StructurePtr structure =
      result_structure(frame, buffer.get(), segment_);
  add_frame_meta(buffer.get(), structure.get());
  if (settings.full_frame_object)
    add_frame_object(buffer.get(), frame);
  post(settings.post_messages, reported_label_id(frame), structure.get());
  return buffer;
}

}  // namespace torchclassify
