// SPDX-License-Identifier: LGPL-2.1-or-later
#include "playback.h"

namespace support {

Playback::Playback(const std::string& line, const std::string& model) {
  g_autoptr(GError) error = nullptr;
  pipeline_.reset(gst_parse_launch(line.c_str(), &error));
  g_assert_no_error(error);
  classify_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "classify"));
  g_object_set(classify_.get(), "model-file", model.c_str(), "device", "cpu",
               nullptr);
  watch("sink", &in_);
  watch("src", &out_);
}

Playback::~Playback() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

void Playback::watch(const char* pad_name, std::vector<Seen>* list) {
  Watch& watch = watches_[watching_++];
  watch = {this, list};
  const PadPtr pad(gst_element_get_static_pad(classify_.get(), pad_name));
  gst_pad_add_probe(
      pad.get(),
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                   GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                                   GST_PAD_PROBE_TYPE_EVENT_FLUSH),
      note, &watch, nullptr);
}

GstPadProbeReturn Playback::note(GstPad*, GstPadProbeInfo* info,
                                 gpointer data) {
  const auto* watch = static_cast<Watch*>(data);
  Seen seen;
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    seen.pts = GST_BUFFER_PTS(buffer);
    seen.label = label_of(buffer);
    if (const GstStructure* result = result_of(buffer))
      gst_structure_get_int(result, "width", &seen.width);
  } else {
    seen.event = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info));
  }
  const std::lock_guard lock(watch->playback->mutex_);
  watch->list->push_back(seen);
  return GST_PAD_PROBE_OK;
}

void Playback::play() {
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

End Playback::wait(int seconds) {
  const BusPtr bus(gst_element_get_bus(pipeline_.get()));
  g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
      bus.get(), seconds * GST_SECOND,
      static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  if (!message)
    return End::kNothing;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
    return End::kEos;
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  error_ = error->message;
  return End::kError;
}

End Playback::play_to_end() {
  play();
  return wait();
}

std::vector<Seen> Playback::seen_in() const {
  const std::lock_guard lock(mutex_);
  return in_;
}

std::vector<Seen> Playback::seen_out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

std::vector<Seen> buffers(const std::vector<Seen>& seen) {
  std::vector<Seen> found;
  for (const Seen& one : seen) {
    if (one.event == GST_EVENT_UNKNOWN)
      found.push_back(one);
  }
  return found;
}

void assert_same_buffers(const Playback& playback) {
  const std::vector<Seen> in = buffers(playback.seen_in());
  const std::vector<Seen> out = buffers(playback.seen_out());
  g_assert_cmpuint(out.size(), ==, in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    g_assert_cmpuint(out[i].pts, ==, in[i].pts);
    g_assert_true(i == 0 || out[i - 1].pts < out[i].pts);
  }
}

}  // namespace support
