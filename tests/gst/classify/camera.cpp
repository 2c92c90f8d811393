// SPDX-License-Identifier: LGPL-2.1-or-later
#include "camera.h"

#include <malloc.h>

#include <filesystem>
#include <fstream>

namespace support {
namespace {

constexpr gulong kPause = 300;  // between frames, microseconds
constexpr int kValues = 100;    // of frames, which need classes
constexpr int kFirst = 20;      // value of frame 0; 13 and 14 have a meaning

int value_of(int index) { return kFirst + index % kValues; }

std::string name_of(const std::string& model_file) {
  return std::filesystem::path(model_file).stem();
}

// It is no deadline's turn: whoever is late would leave without its result.
ElementPtr make_pipeline(const std::string& model_file) {
  const std::string line =
      "fakesrc name=source is-live=true format=time sizetype=fixed sizemax=" +
      std::to_string(kBytes) + " ! " + kCaps +
      " ! torchclassify name=classify qos=false batch-timeout=100000 "
      "model-file=" +
      model_file + " ! fakesink name=sink sync=false signal-handoffs=true";
  g_autoptr(GError) error = nullptr;
  GstElement* pipeline = gst_parse_launch(line.c_str(), &error);
  g_assert_no_error(error);
  return ElementPtr(GST_ELEMENT(gst_object_ref_sink(pipeline)));
}

ElementPtr part_of(const ElementPtr& pipeline, const char* name) {
  return ElementPtr(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
}

template <typename Value>
void wait_for(const std::atomic<Value>& value) {
  for (int i = 0; i < 30'000 && !value; ++i) g_usleep(1000);
  g_assert_true(value);
}

}  // namespace

Camera::Camera(const std::string& model_file)
    : pipeline_(make_pipeline(model_file)),
      classify_(part_of(pipeline_, "classify")),
      model_(name_of(model_file)) {
  const PadPtr pad(
      gst_element_get_static_pad(part_of(pipeline_, "source").get(), "src"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, on_source, this,
                    nullptr);
  g_signal_connect(part_of(pipeline_, "sink").get(), "handoff",
                   G_CALLBACK(on_sink), this);
  const BusPtr bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), on_message, this, nullptr);
  g_assert_cmpint(gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING), !=,
                  GST_STATE_CHANGE_FAILURE);
  wait_for(received_);
}

Camera::~Camera() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void Camera::set_model(const std::string& file) {
  g_object_set(classify_.get(), "model-file", file.c_str(), nullptr);
}

void Camera::end() {
  gst_element_send_event(part_of(pipeline_, "source").get(),
                         gst_event_new_eos());
  wait_for(ended_);
}

GstPadProbeReturn Camera::on_source(GstPad*, GstPadProbeInfo* info,
                                    gpointer data) {
  g_usleep(kPause);
  const int index = static_cast<Camera*>(data)->sent_++;
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  gst_buffer_memset(buffer, 0, static_cast<guint8>(value_of(index)), kBytes);
  GST_BUFFER_PTS(buffer) = index * kFrame;
  return GST_PAD_PROBE_OK;
}

void Camera::on_sink(GstElement*, GstBuffer* buffer, GstPad*, Camera* self) {
  const int index = self->received_++;
  const std::string expected =
      self->model_ + " " + std::to_string(value_of(index));
  const GstStructure* result = result_of(buffer);
  if (!result || GST_BUFFER_PTS(buffer) != index * kFrame ||
      expected != gst_structure_get_string(result, "label"))
    ++self->mislabelled_;
}

GstBusSyncReply Camera::on_message(GstBus*, GstMessage* message,
                                   gpointer data) {
  auto* self = static_cast<Camera*>(data);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    g_error("expected no error");
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING)
    ++self->warnings_;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
    self->ended_ = true;
  if (gst_message_has_name(message, "torchclassify-model")) {
    self->model_ =
        gst_structure_get_string(gst_message_get_structure(message), "model");
    ++self->swaps_;
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

long resident_memory() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  long resident = 0;
  for (std::string key; status >> key;) {
    if (key == "VmRSS:")
      status >> resident;
  }
  return resident;
}

}  // namespace support
