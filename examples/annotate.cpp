// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads the labels that torchclassify puts on frames, prints them as they
// change, and writes the clip with the labels drawn on it.
#include <gst/gst.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

#include "gst_pointers.h"
#include "options.h"
#include "torchclassify/results.h"

namespace {

constexpr char kPipeline[] =
    "filesrc name=input ! decodebin ! videoconvert ! "
    "torchclassify name=classify ! videoconvert ! "
    "textoverlay name=text valignment=bottom shaded-background=true "
    "font-desc=\"Sans Bold 20\" ! videoconvert ! "
    "video/x-raw,format=I420 ! x264enc speed-preset=veryfast ! h264parse ! "
    "mp4mux ! filesink name=output";

struct Label {
  std::string name;
  double confidence;
};

// What the probe needs; only the streaming thread uses it after the start.
struct Annotation {
  example::ElementPtr text;
  double min_confidence;
  std::string shown;
  guint frames = 0;
  guint labelled = 0;
};

// The label of the whole frame.
std::optional<Label> read_label(GstBuffer* buffer) {
  gpointer state = nullptr;
  g_autoptr(TorchClassifyFrame) frame =
      torchclassify_frame_next(buffer, &state);
  if (!frame || frame->n_results == 0)
    return std::nullopt;
  return Label{frame->results[0].label, frame->results[0].confidence};
}

void show(Annotation& annotation, GstClockTime when, const Label& label) {
  const bool sure = label.confidence >= annotation.min_confidence;
  const std::string text = sure ? label.name : "";
  g_object_set(annotation.text.get(), "text", text.c_str(), nullptr);
  if (sure && text != annotation.shown) {
    std::printf("%6.2f s  %-40s %3.0f %%\n",
                static_cast<double>(when) / GST_SECOND, text.c_str(),
                100 * label.confidence);
  }
  // Doubt between two signs is not shown as a change.
  if (sure)
    annotation.shown = text;
}

GstPadProbeReturn on_frame(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& annotation = *static_cast<Annotation*>(data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  ++annotation.frames;
  if (const auto label = read_label(buffer)) {
    ++annotation.labelled;
    show(annotation, GST_BUFFER_PTS(buffer), *label);
  }
  return GST_PAD_PROBE_OK;
}

struct Options {
  char* model_file = nullptr;
  char* device = nullptr;
  double min_confidence = 0.5;
  char** files = nullptr;
};

// Exits with the usage where the arguments do not name what is needed.
void parse_options(int argc, char** argv, Options& options) {
  const GOptionEntry entries[] = {
      {"model-file", 0, 0, G_OPTION_ARG_FILENAME, &options.model_file,
       "The model bundle", "FILE"},
      {"device", 0, 0, G_OPTION_ARG_STRING, &options.device,
       "auto, cpu, cuda or cuda:N (default cpu)", "DEVICE"},
      {"min-confidence", 0, 0, G_OPTION_ARG_DOUBLE, &options.min_confidence,
       "Show labels from this confidence on, 0 to 1 (default 0.5)", "P"},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.files,
       nullptr, "INPUT OUTPUT.mp4"},
      {}};
  example::parse_options(argc, argv, entries, [&options] {
    return options.model_file && options.files &&
           g_strv_length(options.files) == 2;
  });
}

void annotate(const Options& options) {
  // filesrc's own message does not name the file.
  if (!g_file_test(options.files[0], G_FILE_TEST_EXISTS))
    throw std::runtime_error(std::string("expected a clip, found none: ") +
                             options.files[0]);
  const example::ElementPtr pipeline = example::parse_pipeline(kPipeline);
  const auto element = [&](const char* name) {
    return example::get_element(pipeline, name);
  };
  g_object_set(element("input").get(), "location", options.files[0], nullptr);
  g_object_set(element("output").get(), "location", options.files[1], nullptr);
  g_object_set(element("classify").get(), "model-file", options.model_file,
               "device", options.device ? options.device : "cpu", nullptr);
  Annotation annotation{element("text"), options.min_confidence, {}};
  const example::PadPtr pad(
      gst_element_get_static_pad(element("classify").get(), "src"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, on_frame, &annotation,
                    nullptr);

  example::play_to_end(pipeline);
  std::printf("%u frames, %u labelled\n", annotation.frames,
              annotation.labelled);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  parse_options(argc, argv, options);
  try {
    annotate(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "annotate: %s\n", error.what());
    return 1;
  }
  return 0;
}
