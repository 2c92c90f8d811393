// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames a second of torchclassify behind a source that costs nothing.
//   frame_rate MODEL-FILE WORKERS [FRAMES]
#include <gst/gst.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace {

constexpr guint kWarmUp = 20;  // frames that are not counted

// One picture, drawn once, then repeated without copying its pixels.
constexpr char kPipeline[] =
    "videotestsrc num-buffers=1 ! "
    "video/x-raw,format=NV12,width=1920,height=1080,framerate=30/1 ! "
    "imagefreeze name=source ! torchclassify name=classify device=cpu ! "
    "fakesink name=sink sync=false";

struct Count {
  guint frames = 0;
  gint64 first = 0;  // monotonic time, microseconds
  gint64 last = 0;
};

GstPadProbeReturn on_frame(GstPad*, GstPadProbeInfo*, gpointer data) {
  auto& count = *static_cast<Count*>(data);
  count.last = g_get_monotonic_time();
  if (++count.frames == kWarmUp)
    count.first = count.last;
  return GST_PAD_PROBE_OK;
}

void play_to_end(GstElement* pipeline) {
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
  g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
      bus, GST_CLOCK_TIME_NONE,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
  gst_element_set_state(pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
    return;
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  throw std::runtime_error(error->message);
}

double measure(const char* model_file, guint workers, int frames) {
  g_autoptr(GError) error = nullptr;
  g_autoptr(GstElement) pipeline = gst_parse_launch(kPipeline, &error);
  if (error)
    throw std::runtime_error(error->message);
  GstBin* bin = GST_BIN(pipeline);
  g_autoptr(GstElement) source = gst_bin_get_by_name(bin, "source");
  g_autoptr(GstElement) classify = gst_bin_get_by_name(bin, "classify");
  g_autoptr(GstElement) sink = gst_bin_get_by_name(bin, "sink");
  g_object_set(source, "num-buffers", frames, nullptr);
  g_object_set(classify, "model-file", model_file, "workers", workers, nullptr);
  Count count;
  g_autoptr(GstPad) pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, &count, nullptr);

  play_to_end(pipeline);
  if (count.frames <= kWarmUp)
    throw std::runtime_error("too few frames");
  return (count.frames - kWarmUp) * 1e6 / (count.last - count.first);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const int workers = argc > 2 ? std::atoi(argv[2]) : 0;
  const int frames = argc > 3 ? std::atoi(argv[3]) : 200;
  if (argc < 3 || workers < 1 || frames < 1) {
    std::fprintf(stderr, "usage: frame_rate MODEL-FILE WORKERS [FRAMES]\n");
    return 2;
  }
  try {
    std::printf("%.3f\n", measure(argv[1], workers, frames));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "frame_rate: %s\n", error.what());
    return 1;
  }
  return 0;
}
