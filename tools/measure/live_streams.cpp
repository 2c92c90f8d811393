// SPDX-License-Identifier: LGPL-2.1-or-later
// Live streams that share a model, with QoS: no frame is lost, inference is
// skipped instead, and frames take no longer than the pipeline was told.
//   live_streams MODEL-FILE SECONDS RATE...
#include <gst/gst.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst_pointers.h"

namespace {

constexpr double kAllowed = 0.01;  // share of frames that may take longer

struct Stream {
  int rate = 25;  // frames per second
  example::ElementPtr classify;

  std::mutex mutex;                       // protects all that follows
  std::map<GstClockTime, gint64> inside;  // arrival of frames, microseconds
  guint64 in = 0;
  guint64 out = 0;
  guint64 late = 0;      // took longer than was announced then
  gint64 announced = 0;  // microseconds; 0: nobody has asked yet
  gint64 least_announced = G_MAXINT64;
  gint64 most_announced = 0;
  std::vector<gint64> taken;  // microseconds
};
using Streams = std::vector<std::unique_ptr<Stream>>;

GstPadProbeReturn on_arrival(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& stream = *static_cast<Stream*>(data);
  const std::lock_guard lock(stream.mutex);
  ++stream.in;
  stream.inside[GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info))] =
      g_get_monotonic_time();
  return GST_PAD_PROBE_OK;
}

// The queue behind it takes frames as they come, so this is what the element
// adds.
GstPadProbeReturn on_departure(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& stream = *static_cast<Stream*>(data);
  const std::lock_guard lock(stream.mutex);
  ++stream.out;
  const auto found =
      stream.inside.find(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)));
  if (found == stream.inside.end() || stream.announced == 0)
    return GST_PAD_PROBE_OK;
  const gint64 taken = g_get_monotonic_time() - found->second;
  stream.taken.push_back(taken);
  if (taken > stream.announced)
    ++stream.late;
  stream.inside.erase(stream.inside.begin(), std::next(found));
  return GST_PAD_PROBE_OK;
}

void probe(Stream& stream, const char* name, GstPadProbeCallback callback) {
  const example::PadPtr pad(
      gst_element_get_static_pad(stream.classify.get(), name));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, callback, &stream,
                    nullptr);
}

GstClockTime latency_at(const example::ElementPtr& element, const char* name,
                        bool of_peer) {
  const example::PadPtr pad(gst_element_get_static_pad(element.get(), name));
  GstQuery* query = gst_query_new_latency();
  GstClockTime least = 0;
  if (of_peer ? gst_pad_peer_query(pad.get(), query)
              : gst_pad_query(pad.get(), query))
    gst_query_parse_latency(query, nullptr, &least, nullptr);
  gst_query_unref(query);
  return least;
}

void note_announced(Streams& streams) {
  for (const auto& stream : streams) {
    const GstClockTime own = latency_at(stream->classify, "src", false) -
                             latency_at(stream->classify, "sink", true);
    const std::lock_guard lock(stream->mutex);
    stream->announced = static_cast<gint64>(own / GST_USECOND);
    stream->least_announced =
        std::min(stream->least_announced, stream->announced);
    stream->most_announced =
        std::max(stream->most_announced, stream->announced);
  }
}

std::string line_of(const Streams& streams, const std::string& model_file) {
  std::string line;
  for (std::size_t i = 0; i < streams.size(); ++i)
    line +=
        "videotestsrc is-live=true pattern=ball ! "
        "video/x-raw,format=NV12,width=640,height=360,framerate=" +
        std::to_string(streams[i]->rate) +
        "/1 ! torchclassify device=cpu model-file=" + model_file +
        " name=classify" + std::to_string(i) +
        " ! queue ! fakesink sync=true qos=true ";
  return line;
}

example::ElementPtr make_pipeline(Streams& streams,
                                  const std::string& model_file) {
  example::ElementPtr pipeline =
      example::parse_pipeline(line_of(streams, model_file).c_str());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const std::string name = "classify" + std::to_string(i);
    streams[i]->classify = example::get_element(pipeline, name.c_str());
    probe(*streams[i], "sink", on_arrival);
    probe(*streams[i], "src", on_departure);
  }
  return pipeline;
}

void play(const example::ElementPtr& pipeline, Streams& streams, int seconds) {
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  g_autoptr(GstBus) bus = gst_element_get_bus(pipeline.get());
  const gint64 end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
  while (g_get_monotonic_time() < end) {
    g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
        bus, GST_SECOND / 10,
        static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_LATENCY |
                                    GST_MESSAGE_ASYNC_DONE));
    if (!message)
      continue;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
      example::throw_error(message);
    gst_bin_recalculate_latency(GST_BIN(pipeline.get()));
    note_announced(streams);
  }
}

guint64 counter(const Stream& stream, const char* name) {
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(stream.classify.get(), "stats", &stats, nullptr);
  guint64 value = 0;
  gst_structure_get_uint64(stats, name, &value);
  return value;
}

double milliseconds(gint64 microseconds) {
  return static_cast<double>(microseconds) / 1000;
}

// Frames that are still inside are not lost.
bool report(Stream& stream) {
  const guint64 inferred = counter(stream, "inferred");
  const guint64 skipped = counter(stream, "skipped");
  const std::lock_guard lock(stream.mutex);
  std::sort(stream.taken.begin(), stream.taken.end());
  const std::size_t count = stream.taken.size();
  const auto at = [&](std::size_t percent) {
    return count ? milliseconds(stream.taken[(count - 1) * percent / 100]) : 0;
  };
  const guint64 pending = stream.in - stream.out;
  const bool whole =
      pending <= 16 && stream.out > 0 && inferred + skipped == stream.in;
  const bool prompt =
      static_cast<double>(stream.late) <= kAllowed * static_cast<double>(count);
  std::printf("rate=%d in=%" G_GUINT64_FORMAT " out=%" G_GUINT64_FORMAT
              " inferred=%" G_GUINT64_FORMAT " skipped=%" G_GUINT64_FORMAT
              " overdue=%" G_GUINT64_FORMAT
              " p50=%.1f p99=%.1f announced=%.1f..%.1f ms late=%.2f%%%s%s\n",
              stream.rate, stream.in, stream.out, inferred, skipped,
              counter(stream, "overdue"), at(50), at(99),
              milliseconds(stream.least_announced),
              milliseconds(stream.most_announced),
              count ? 100.0 * static_cast<double>(stream.late) /
                          static_cast<double>(count)
                    : 0,
              whole ? "" : " FRAMES DO NOT ADD UP", prompt ? "" : " TOO LATE");
  return whole && prompt;
}

int measure(int argc, char** argv) {
  const int seconds = std::atoi(argv[2]);
  Streams streams;
  for (int i = 3; i < argc; ++i) {
    streams.push_back(std::make_unique<Stream>());
    streams.back()->rate = std::atoi(argv[i]);
  }
  const example::ElementPtr pipeline = make_pipeline(streams, argv[1]);
  play(pipeline, streams, seconds);
  // Nothing flows between counting here and there.
  gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
  bool good = true;
  for (const auto& stream : streams) good = report(*stream) && good;
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 4) {
    std::fprintf(stderr, "usage: live_streams MODEL-FILE SECONDS RATE...\n");
    return 2;
  }
  try {
    return measure(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "live_streams: %s\n", error.what());
    return 1;
  }
}
