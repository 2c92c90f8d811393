// SPDX-License-Identifier: LGPL-2.1-or-later
// Milliseconds that an element takes to draw the same five labels on each 4K
// NV12 frame: overlay torchoverlay|textoverlay attached|blended [FRAMES]
#include <gst/video/video.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "gst_pointers.h"

namespace {

constexpr guint kWarmUp = 10;  // frames that are not counted
constexpr char kMetaName[] = "torchclassify";

struct Class {
  const char* label;
  double confidence;
};
constexpr Class kTop[] = {{"sports car", 0.87},
                          {"convertible", 0.07},
                          {"grille", 0.03},
                          {"car wheel", 0.02},
                          {"racer", 0.01}};

void append(GValue* list, GstStructure* structure) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(&value, structure);
  gst_value_list_append_and_take_value(list, &value);
}

GstStructure* structure_of(const char* name, const Class& c, int id) {
  return gst_structure_new(name, "label", G_TYPE_STRING, c.label, "label-id",
                           G_TYPE_INT, id, "confidence", G_TYPE_DOUBLE,
                           c.confidence, nullptr);
}

// As torchclassify top-k=5 writes it.
void put_result(GstBuffer* buffer) {
  GValue top = G_VALUE_INIT;
  g_value_init(&top, GST_TYPE_LIST);
  for (int i = 0; i < 5; ++i) append(&top, structure_of("class", kTop[i], i));
  GstStructure* result = structure_of("result", kTop[0], 0);
  gst_structure_set(result, "region", G_TYPE_STRING, "full-frame", nullptr);
  gst_structure_take_value(result, "top", &top);
  GValue results = G_VALUE_INIT;
  g_value_init(&results, GST_TYPE_LIST);
  append(&results, result);
  gst_structure_take_value(gst_custom_meta_get_structure(
                               gst_buffer_add_custom_meta(buffer, kMetaName)),
                           "results", &results);
}

std::string text() {
  std::string lines;
  for (const Class& c : kTop) {
    g_autofree char* line =
        g_strdup_printf("%s %.0f %%\n", c.label, 100 * c.confidence);
    lines += line;
  }
  lines.pop_back();
  return lines;
}

struct Measurement {
  bool attached = false;
  gint64 entered = 0;  // monotonic time, microseconds
  guint frames = 0;
  guint with_composition = 0;
  std::vector<double> milliseconds;
};

GstPadProbeReturn on_enter(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  put_result(buffer);
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  static_cast<Measurement*>(data)->entered = g_get_monotonic_time();
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn on_leave(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& m = *static_cast<Measurement*>(data);
  const gint64 now = g_get_monotonic_time();
  if (gst_buffer_get_video_overlay_composition_meta(
          GST_PAD_PROBE_INFO_BUFFER(info)))
    ++m.with_composition;
  if (++m.frames > kWarmUp)
    m.milliseconds.push_back((now - m.entered) / 1e3);
  return GST_PAD_PROBE_OK;
}

// What a sink that draws compositions answers.
GstPadProbeReturn on_query(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstQuery* query = GST_PAD_PROBE_INFO_QUERY(info);
  if (!static_cast<Measurement*>(data)->attached ||
      GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  gst_query_add_allocation_meta(
      query, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
  return GST_PAD_PROBE_HANDLED;
}

void add_probe(const example::ElementPtr& element, const char* pad_name,
               int type, GstPadProbeCallback callback,
               Measurement& measurement) {
  const example::PadPtr pad(
      gst_element_get_static_pad(element.get(), pad_name));
  if (!pad)
    throw std::runtime_error(std::string("no pad ") + pad_name);
  gst_pad_add_probe(pad.get(), static_cast<GstPadProbeType>(type), callback,
                    &measurement, nullptr);
}

std::string pipeline_line(bool peer, int frames) {
  const std::string element =
      peer ? "textoverlay name=overlay halignment=left valignment=top "
             "shaded-background=true"
           : "torchoverlay name=overlay";
  return "videotestsrc pattern=black num-buffers=" + std::to_string(frames) +
         " ! video/x-raw,format=NV12,width=3840,height=2160,framerate=30/1 ! " +
         element + " ! fakesink name=sink sync=false";
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double measure(bool peer, bool attached, int frames) {
  const example::ElementPtr pipeline =
      example::parse_pipeline(pipeline_line(peer, frames).c_str());
  const auto overlay = example::get_element(pipeline, "overlay");
  const auto sink = example::get_element(pipeline, "sink");
  if (peer)
    g_object_set(overlay.get(), "text", text().c_str(), nullptr);
  Measurement measurement;
  measurement.attached = attached;
  add_probe(overlay, peer ? "video_sink" : "sink", GST_PAD_PROBE_TYPE_BUFFER,
            on_enter, measurement);
  add_probe(overlay, "src", GST_PAD_PROBE_TYPE_BUFFER, on_leave, measurement);
  add_probe(sink, "sink", GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, on_query,
            measurement);

  example::play_to_end(pipeline);
  if (measurement.milliseconds.empty())
    throw std::runtime_error("too few frames");
  if (measurement.with_composition != (attached ? measurement.frames : 0))
    throw std::runtime_error("not drawn in the way that was asked for");
  return median(std::move(measurement.milliseconds));
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const char* tags[] = {nullptr};
  gst_meta_register_custom(kMetaName, tags, nullptr, nullptr, nullptr);
  const int frames = argc > 3 ? std::atoi(argv[3]) : 100;
  if (argc < 3 || frames < 1) {
    std::fprintf(stderr,
                 "usage: overlay torchoverlay|textoverlay attached|blended "
                 "[FRAMES]\n");
    return 2;
  }
  try {
    std::printf("%.4f\n", measure(!std::strcmp(argv[1], "textoverlay"),
                                  !std::strcmp(argv[2], "attached"), frames));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "overlay: %s\n", error.what());
    return 1;
  }
  return 0;
}
