// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames a second of torchclassify behind a source that costs nothing.
//   frame_rate MODEL-FILE WORKERS [FRAMES]
#include <gst/gst.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "gst_pointers.h"

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

double measure(const char* model_file, guint workers, int frames) {
  const example::ElementPtr pipeline = example::parse_pipeline(kPipeline);
  const auto element = [&pipeline](const char* name) {
    return example::get_element(pipeline, name);
  };
  g_object_set(element("source").get(), "num-buffers", frames, nullptr);
  g_object_set(element("classify").get(), "model-file", model_file, "workers",
               workers, nullptr);
  Count count;
  const example::PadPtr pad(
      gst_element_get_static_pad(element("sink").get(), "sink"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, on_frame, &count,
                    nullptr);

  example::play_to_end(pipeline);
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
