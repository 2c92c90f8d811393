// SPDX-License-Identifier: LGPL-2.1-or-later
// Starts and stops a pipeline again and again; neither threads nor memory grow.
//   cycles MODEL-FILE [CYCLES [FRAMES]]
#include <gst/gst.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "gst_pointers.h"
#include "process_status.h"

namespace {

constexpr int kSettled = 20;  // the cycle that later ones are compared to
constexpr double kTolerance =
    0.02;  // share by which resident memory may differ

struct Usage {
  long threads = 0;
  long resident = 0;  // kB
};

Usage read_usage() {
  return {.threads = process_status("Threads:"),
          .resident = process_status("VmRSS:")};
}

// Waits for every frame, so that labels flow in each cycle.
void run_once(GstElement* pipeline, GstBus* bus) {
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
  gst_element_set_state(pipeline, GST_STATE_NULL);
  if (!message)
    throw std::runtime_error("no end of stream within 60 s");
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    example::throw_error(message);
}

example::ElementPtr make_pipeline(const char* model_file, int frames) {
  example::ElementPtr pipeline = example::parse_pipeline(
      "videotestsrc name=source ! video/x-raw,format=NV12,width=320,height=240 "
      "! torchclassify name=classify device=cpu ! fakesink sync=false");
  g_object_set(example::get_element(pipeline, "source").get(), "num-buffers",
               frames, nullptr);
  g_object_set(example::get_element(pipeline, "classify").get(), "model-file",
               model_file, nullptr);
  return pipeline;
}

// The threads of a pipeline that stopped end a moment later: waits until there
// are no more than these.
Usage settled_usage(long threads) {
  Usage usage = read_usage();
  for (int i = 0; i < 100 && usage.threads > threads; ++i) {
    g_usleep(10'000);
    usage = read_usage();
  }
  return usage;
}

bool cycle(const char* model_file, int cycles, int frames) {
  const example::ElementPtr pipeline = make_pipeline(model_file, frames);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline.get());
  Usage settled, last;
  for (int i = 1; i <= cycles; ++i) {
    run_once(pipeline.get(), bus);
    last = settled_usage(i > kSettled ? settled.threads : 0);
    if (i == kSettled)
      settled = last;
    if (i == kSettled || i % 100 == 0 || i == cycles) {
      std::printf("cycle=%d threads=%ld resident_kb=%ld\n", i, last.threads,
                  last.resident);
    }
  }
  const double grown =
      static_cast<double>(last.resident) / settled.resident - 1;
  std::printf("resident memory against cycle %d: %+.2f %%\n", kSettled,
              100 * grown);
  return last.threads == settled.threads && std::abs(grown) <= kTolerance;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const int cycles = argc > 2 ? std::atoi(argv[2]) : 500;
  const int frames = argc > 3 ? std::atoi(argv[3]) : 5;
  if (argc < 2 || cycles <= kSettled || frames < 1) {
    std::fprintf(stderr, "usage: cycles MODEL-FILE [CYCLES > %d [FRAMES]]\n",
                 kSettled);
    return 2;
  }
  try {
    return cycle(argv[1], cycles, frames) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cycles: %s\n", error.what());
    return 1;
  }
}
