// SPDX-License-Identifier: LGPL-2.1-or-later
// Starts and stops a pipeline again and again; neither threads nor memory grow.
//   cycles MODEL-FILE [CYCLES [FRAMES]]
#include <gst/gst.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

constexpr int kSettled = 20;  // the cycle that later ones are compared to
constexpr double kTolerance =
    0.02;  // share by which resident memory may differ

struct Usage {
  long threads = 0;
  long resident = 0;  // kB
};

Usage read_usage() {
  Usage usage;
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    if (key == "VmRSS:")
      status >> usage.resident;
    if (key == "Threads:")
      status >> usage.threads;
  }
  return usage;
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
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
    return;
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  throw std::runtime_error(error->message);
}

GstElement* make_pipeline(const char* model_file, int frames) {
  g_autoptr(GError) error = nullptr;
  GstElement* pipeline = gst_parse_launch(
      "videotestsrc name=source ! video/x-raw,format=NV12,width=320,height=240 "
      "! torchclassify name=classify device=cpu ! fakesink sync=false",
      &error);
  if (error)
    throw std::runtime_error(error->message);
  g_autoptr(GstElement) source =
      gst_bin_get_by_name(GST_BIN(pipeline), "source");
  g_autoptr(GstElement) classify =
      gst_bin_get_by_name(GST_BIN(pipeline), "classify");
  g_object_set(source, "num-buffers", frames, nullptr);
  g_object_set(classify, "model-file", model_file, nullptr);
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
  g_autoptr(GstElement) pipeline = make_pipeline(model_file, frames);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
  Usage settled, last;
  for (int i = 1; i <= cycles; ++i) {
    run_once(pipeline, bus);
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
