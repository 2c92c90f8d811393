// SPDX-License-Identifier: LGPL-2.1-or-later
#include "submitter.h"

#include <utility>

#include "frame_view.h"
#include "packed_frame.h"

namespace torchclassify {

void Submitter::start() {
  flush();
  has_caps_ = false;
  meta_understood_ = true;
}

void Submitter::flush() {
  deadline_.reset();
  gst_segment_init(&segment_, GST_FORMAT_TIME);
  frames_ = 0;
}

bool Submitter::take_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment(event, &segment_);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
    return true;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  has_caps_ = gst_video_info_from_caps(&info_, caps);
  return has_caps_;
}

bool Submitter::wants_inference(const FrameSettings& settings,
                                GstBuffer* buffer) {
  const guint64 index = frames_++;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP))
    return false;
  if (index % settings.inference_interval != 0)
    return false;
  if (settings.mode == Mode::kLatest && queue_.in_flight())
    return false;
  return !settings.qos ||
         !deadline_.passed(running_time_of(segment_, GST_BUFFER_PTS(buffer)));
}

// Null if no frame waits for the result.
RequestPtr Submitter::request(const FrameSettings& settings,
                              const OpenModel& model, GstBuffer* buffer) {
  const FrameView view(buffer, info_);
  const bool awaited = settings.mode == Mode::kEveryFrame;
  RequestPtr request = queue_.begin(GST_BUFFER_PTS(buffer), awaited);
  try {
    model.classifier->submit(
        view.image(), {.top_k = static_cast<int>(settings.top_k)},
        [&queue = queue_, request](std::exception_ptr error,
                                   Classification result) {
          queue.complete(request, std::move(error), std::move(result));
        });
  } catch (...) {
    queue_.cancel();
    throw;
  }
  ++counters_.inferred;
  return awaited ? request : nullptr;
}

QueueItem Submitter::submit(BufferPtr buffer, const FrameSettings& settings,
                            const OpenModel& model) {
  QueueItem item;
  if (wants_inference(settings, buffer.get()))
    item.request = request(settings, model, buffer.get());
  else
    ++counters_.skipped;
  item.buffer = meta_understood_ ? std::move(buffer)
                                 : packed_frame(std::move(buffer), info_);
  return item;
}

}  // namespace torchclassify
