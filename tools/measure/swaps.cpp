// SPDX-License-Identifier: LGPL-2.1-or-later
// Replaces the model of two playing pipelines again and again: no frame is lost
// or gets a class of another model than was announced, and memory does not
// grow.
//   swaps SWAPS MODEL-FILE MODEL-FILE...
#include <gst/gst.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "gst_pointers.h"
#include "process_status.h"
#include "torchclassify/results.h"

namespace {

namespace fs = std::filesystem;

constexpr int kSettled = 100;        // the swap that later ones are compared to
constexpr double kTolerance = 0.02;  // share by which memory may differ
constexpr int kReadings = 20;
constexpr gulong kBetweenReadings = 50'000;  // microseconds
constexpr gint64 kPatience = 60'000'000;     // microseconds

using Classes = std::map<std::string, std::set<std::string>>;  // by model

// The lowest of several readings, in kB: an inference that happens to run takes
// several megabytes for as long, which says nothing of what swaps leave behind.
long resident_memory() {
  long lowest = std::numeric_limits<long>::max();
  for (int i = 0; i < kReadings; ++i) {
    malloc_trim(0);
    lowest = std::min(lowest, process_status("VmRSS:"));
    g_usleep(kBetweenReadings);
  }
  return lowest;
}

// Files of the same name would be the same model on the bus.
Classes read_classes(const std::vector<std::string>& files) {
  Classes classes;
  for (const std::string& file : files) {
    g_autoptr(GstElement) element = GST_ELEMENT(gst_object_ref_sink(
        gst_element_factory_make("torchclassify", nullptr)));
    g_object_set(element, "model-file", file.c_str(), "device", "cpu", nullptr);
    if (gst_element_set_state(element, GST_STATE_READY) !=
        GST_STATE_CHANGE_SUCCESS)
      throw std::runtime_error("cannot open " + file);
    g_autoptr(GstStructure) info = nullptr;
    g_object_get(element, "model-info", &info, nullptr);
    gst_element_set_state(element, GST_STATE_NULL);
    const GValue* list = gst_structure_get_value(info, "classes");
    auto& names = classes[fs::path(file).stem()];
    for (guint i = 0; i < gst_value_list_get_size(list); ++i)
      names.insert(g_value_get_string(gst_value_list_get_value(list, i)));
  }
  if (classes.size() != files.size())
    throw std::runtime_error("expected model files of different names");
  return classes;
}

struct Camera {
  const Classes* classes;
  example::ElementPtr pipeline;
  example::ElementPtr classify;
  std::string model;  // announced last; of the thread that pushes frames
  std::atomic<int> sent = 0;
  std::atomic<int> received = 0;
  std::atomic<int> mislabelled = 0;
  std::atomic<int> swaps = 0;
  std::atomic<int> warnings = 0;
  std::atomic<bool> ended = false;

  ~Camera() {
    if (pipeline)
      gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  }
};

std::string label_of(GstBuffer* buffer) {
  gpointer state = nullptr;
  g_autoptr(TorchClassifyFrame) frame =
      torchclassify_frame_next(buffer, &state);
  return frame && frame->n_results > 0 ? frame->results[0].label : "";
}

GstPadProbeReturn on_sent(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GST_BUFFER_OFFSET(GST_PAD_PROBE_INFO_BUFFER(info)) =
      static_cast<guint64>(static_cast<Camera*>(data)->sent++);
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn on_received(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& camera = *static_cast<Camera*>(data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const auto index = static_cast<guint64>(camera.received++);
  if (GST_BUFFER_OFFSET(buffer) != index ||
      !camera.classes->at(camera.model).contains(label_of(buffer)))
    ++camera.mislabelled;
  return GST_PAD_PROBE_OK;
}

GstBusSyncReply on_message(GstBus*, GstMessage* message, gpointer data) {
  auto& camera = *static_cast<Camera*>(data);
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      std::fprintf(stderr, "swaps: a pipeline has failed\n");
      std::exit(1);
    case GST_MESSAGE_WARNING:
      ++camera.warnings;
      break;
    case GST_MESSAGE_EOS:
      camera.ended = true;
      break;
    default:
      if (!gst_message_has_name(message, "torchclassify-model"))
        break;
      camera.model =
          gst_structure_get_string(gst_message_get_structure(message), "model");
      ++camera.swaps;
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

void add_probe(const char* pad_name, GstPadProbeCallback probe,
               Camera& camera) {
  const example::PadPtr pad(
      gst_element_get_static_pad(camera.classify.get(), pad_name));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, probe, &camera,
                    nullptr);
}

template <typename Condition>
void wait_for(const std::string& what, Condition there) {
  const gint64 end = g_get_monotonic_time() + kPatience;
  while (!there()) {
    if (g_get_monotonic_time() > end)
      throw std::runtime_error("expected " + what + " within 60 s, got none");
    g_usleep(1000);
  }
}

void play(Camera& camera, const std::string& model_file) {
  camera.pipeline = example::parse_pipeline(
      "videotestsrc is-live=true pattern=ball ! "
      "video/x-raw,format=NV12,width=320,height=240,framerate=30/1 ! "
      "torchclassify name=classify device=cpu qos=false ! "
      "fakesink sync=false");
  camera.classify = example::get_element(camera.pipeline, "classify");
  g_object_set(camera.classify.get(), "model-file", model_file.c_str(),
               nullptr);
  camera.model = fs::path(model_file).stem();
  add_probe("sink", on_sent, camera);
  add_probe("src", on_received, camera);
  g_autoptr(GstBus) bus = gst_element_get_bus(camera.pipeline.get());
  gst_bus_set_sync_handler(bus, on_message, &camera, nullptr);
  gst_element_set_state(camera.pipeline.get(), GST_STATE_PLAYING);
  wait_for("a first frame", [&] { return camera.received > 0; });
}

using Cameras = std::vector<std::unique_ptr<Camera>>;

void swap(Cameras& cameras, const std::string& file, int number) {
  for (auto& camera : cameras)
    g_object_set(camera->classify.get(), "model-file", file.c_str(), nullptr);
  for (auto& camera : cameras)
    wait_for(file, [&] { return camera->swaps + camera->warnings == number; });
}

// Resident memory against swap kSettled, as a share.
double swap_all(Cameras& cameras, const std::vector<std::string>& files,
                int swaps) {
  long settled = 0;
  long last = 0;
  for (int i = 1; i <= swaps; ++i) {
    swap(cameras, files[i % files.size()], i);
    if (i % kSettled != 0 && i != swaps)
      continue;
    last = resident_memory();
    if (i == kSettled)
      settled = last;
    std::printf("swaps=%d frames=%d+%d resident_kb=%ld\n", i,
                cameras[0]->received.load(), cameras[1]->received.load(), last);
    std::fflush(stdout);
  }
  return static_cast<double>(last) / settled - 1;
}

void end(Camera& camera) {
  gst_element_send_event(camera.pipeline.get(), gst_event_new_eos());
  wait_for("the end", [&] { return camera.ended.load(); });
}

// The first half of a good one.
std::string make_corrupt(const std::string& good, const fs::path& folder) {
  const fs::path corrupt = folder / "corrupt.safetensors";
  fs::copy_file(good, corrupt);
  fs::resize_file(corrupt, fs::file_size(good) / 2);
  return corrupt;
}

bool run(int swaps, std::vector<std::string> files, const fs::path& folder) {
  const Classes classes = read_classes(files);
  Cameras cameras;
  for (int i = 0; i < 2; ++i) {
    cameras.push_back(std::make_unique<Camera>(&classes));
    play(*cameras.back(), files[0]);
  }
  files.push_back(make_corrupt(files[0], folder));
  const double grown = swap_all(cameras, files, swaps);
  bool good = std::abs(grown) <= kTolerance;
  for (auto& camera : cameras) {
    end(*camera);
    std::printf("sent=%d received=%d mislabelled=%d swapped=%d refused=%d\n",
                camera->sent.load(), camera->received.load(),
                camera->mislabelled.load(), camera->swaps.load(),
                camera->warnings.load());
    good = good && camera->sent == camera->received && !camera->mislabelled;
  }
  std::printf("resident memory against swap %d: %+.2f %%\n", kSettled,
              100 * grown);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  // What a thread frees stays in its arena: with many, resident memory goes up
  // and down by a tenth (measured), and what is lost does not show.
  mallopt(M_ARENA_MAX, 1);
  gst_init(&argc, &argv);
  const int swaps = argc > 1 ? std::atoi(argv[1]) : 0;
  if (argc < 4 || swaps <= kSettled) {
    std::fprintf(stderr, "usage: swaps SWAPS > %d MODEL-FILE MODEL-FILE...\n",
                 kSettled);
    return 2;
  }
  g_autofree char* folder = g_dir_make_tmp("swaps-XXXXXX", nullptr);
  int status = 1;
  try {
    status = run(swaps, {argv + 2, argv + argc}, folder) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "swaps: %s\n", error.what());
  }
  fs::remove_all(folder);
  return status;
}
