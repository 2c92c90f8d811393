// SPDX-License-Identifier: LGPL-2.1-or-later
// Owners of GStreamer objects for the examples.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace example {

struct Unref {
  void operator()(gpointer object) const { gst_object_unref(object); }
};
using ElementPtr = std::unique_ptr<GstElement, Unref>;
using PadPtr = std::unique_ptr<GstPad, Unref>;

// The pipeline that a launch line describes. Throws std::runtime_error, which
// names the element that is missing or misspelt.
inline ElementPtr parse_pipeline(const char* line) {
  g_autoptr(GError) error = nullptr;
  ElementPtr pipeline(gst_parse_launch_full(
      line, nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
  if (!pipeline)
    throw std::runtime_error(error->message);
  gst_object_ref_sink(pipeline.get());
  return pipeline;
}

// The named element of a pipeline that has it.
inline ElementPtr get_element(const ElementPtr& pipeline, const char* name) {
  return ElementPtr(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
}

// As std::runtime_error, with the text of an error message.
[[noreturn]] inline void throw_error(GstMessage* message) {
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  throw std::runtime_error(error->message);
}

// Plays until the stream ends. Throws std::runtime_error with the text of the
// first error; the pipeline is stopped in any case.
inline void play_to_end(const ElementPtr& pipeline) {
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline.get());
  g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
      bus, GST_CLOCK_TIME_NONE,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    throw_error(message);
}

}  // namespace example
