// SPDX-License-Identifier: LGPL-2.1-or-later
// Watches several cameras with one model: prints a camera's label when it
// changes, and at the end how each has kept up.
#include <glib-unix.h>
#include <gst/gst.h>

#include <cinttypes>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "gst_pointers.h"
#include "options.h"
#include "torchclassify/results.h"

namespace {

// A pipeline for each, so that one that fails does not end the others. They
// share the engine all the same: it is one model in one process.
constexpr char kPipeline[] =
    "uridecodebin name=camera ! videoconvert ! "
    "torchclassify name=classify smoothing-time=200000000 min-dwell=200000000 "
    "class-confidence-threshold=0.3 ! fakesink sync=true";

struct Options {
  char* model_file = nullptr;
  int seconds = 0;  // 0: until all cameras have ended
  char** uris = nullptr;
};

struct Watch;

struct Camera {
  int number;
  example::ElementPtr pipeline;
  Watch* watch;
};

struct Watch {
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  std::vector<std::unique_ptr<Camera>> cameras;
  std::size_t playing = 0;
  bool failed = false;
};

// Exits with the usage where the arguments do not name what is needed.
void parse_options(int argc, char** argv, Options& options) {
  const GOptionEntry entries[] = {
      {"model-file", 0, 0, G_OPTION_ARG_FILENAME, &options.model_file,
       "The model bundle", "FILE"},
      {"seconds", 0, 0, G_OPTION_ARG_INT, &options.seconds,
       "Stop after this time (default 0: when all cameras have ended)", "N"},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.uris,
       nullptr, "URI... (rtsp://, v4l2:///dev/video0, file://)"},
      {}};
  example::parse_options(argc, argv, entries, [&options] {
    return options.model_file && options.uris;
  });
}

void show(const Camera& camera, const TorchClassifyFrame& frame) {
  for (guint i = 0; i < frame.n_results; ++i)
    std::printf("camera %d  %8.2f s  %-32s %3.0f %%\n", camera.number,
                static_cast<double>(frame.running_time) / GST_SECOND,
                frame.results[i].label, 100 * frame.results[i].confidence);
  std::fflush(stdout);
}

void end(Camera& camera) {
  if (--camera.watch->playing == 0)
    g_main_loop_quit(camera.watch->loop);
}

void fail(Camera& camera, GstMessage* message) {
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  std::fprintf(stderr, "cameras: camera %d: %s\n", camera.number,
               error->message);
  camera.watch->failed = true;
  end(camera);
}

gboolean on_message(GstBus*, GstMessage* message, gpointer data) {
  auto& camera = *static_cast<Camera*>(data);
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ELEMENT: {
      g_autoptr(TorchClassifyFrame) frame =
          torchclassify_frame_from_message(message);
      if (frame)
        show(camera, *frame);
      return G_SOURCE_CONTINUE;
    }
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency(GST_BIN(camera.pipeline.get()));
      return G_SOURCE_CONTINUE;
    case GST_MESSAGE_ERROR:
      fail(camera, message);
      return G_SOURCE_REMOVE;
    case GST_MESSAGE_EOS:
      end(camera);
      return G_SOURCE_REMOVE;
    default:
      return G_SOURCE_CONTINUE;
  }
}

void add_camera(Watch& watch, const char* uri, const char* model_file) {
  auto camera = std::make_unique<Camera>();
  camera->number = static_cast<int>(watch.cameras.size()) + 1;
  camera->pipeline = example::parse_pipeline(kPipeline);
  camera->watch = &watch;
  g_object_set(example::get_element(camera->pipeline, "camera").get(), "uri",
               uri, nullptr);
  g_object_set(example::get_element(camera->pipeline, "classify").get(),
               "model-file", model_file, nullptr);
  g_autoptr(GstBus) bus = gst_element_get_bus(camera->pipeline.get());
  gst_bus_add_watch(bus, on_message, camera.get());
  ++watch.playing;
  watch.cameras.push_back(std::move(camera));
}

void print_statistics(const Camera& camera) {
  const auto classify = example::get_element(camera.pipeline, "classify");
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(classify.get(), "stats", &stats, nullptr);
  const auto value = [&stats](const char* name) {
    guint64 number = 0;
    gst_structure_get_uint64(stats, name, &number);
    return number;
  };
  std::printf("camera %d  %" PRIu64 " frames, %" PRIu64 " skipped, %.1f ms\n",
              camera.number, value("frames"), value("skipped"),
              static_cast<double>(value("added-latency-p99")) / GST_MSECOND);
}

gboolean quit(gpointer loop) {
  g_main_loop_quit(static_cast<GMainLoop*>(loop));
  return G_SOURCE_REMOVE;
}

bool watch_cameras(const Options& options) {
  Watch watch;
  for (char** uri = options.uris; *uri; ++uri)
    add_camera(watch, *uri, options.model_file);
  for (const auto& camera : watch.cameras)
    gst_element_set_state(camera->pipeline.get(), GST_STATE_PLAYING);
  if (options.seconds > 0)
    g_timeout_add_seconds(options.seconds, quit, watch.loop);
  g_unix_signal_add(SIGINT, quit, watch.loop);
  g_main_loop_run(watch.loop);

  for (const auto& camera : watch.cameras) {
    print_statistics(*camera);
    gst_element_set_state(camera->pipeline.get(), GST_STATE_NULL);
  }
  return !watch.failed;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  parse_options(argc, argv, options);
  try {
    return watch_cameras(options) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cameras: %s\n", error.what());
    return 1;
  }
}
