// SPDX-License-Identifier: LGPL-2.1-or-later
// Real pipelines with the real engine.
#include <algorithm>
#include <string>

#include "bundles.h"
#include "playback.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr int kLight = 1;

struct Clip {
  const char* name;
  const char* file;
  std::size_t frames;
};
constexpr Clip kClips[] = {
    {"car-detection", "video/intel_car-detection.mp4", 377},
    {"white-right", "video/udacity_solidWhiteRight.mp4", 221},
    {"traffic", "video/ocv4node_traffic.mp4", 480},
};
// Those whose index comes first. Without one there is no frame at all, and
// GStreamer 1.22's demuxer sometimes neither ends nor fails.
constexpr Clip kCuttable[] = {kClips[0], kClips[1]};

std::string decode(const fs::path& clip) {
  return "filesrc location=" + clip.string() +
         " ! decodebin ! torchclassify name=classify ! fakesink";
}

// False, and the test is skipped, where GStreamer cannot play the clips.
bool h264_or_skip() {
  g_autoptr(GstCaps) caps = gst_caps_from_string("video/x-h264");
  GList* all = gst_element_factory_list_get_elements(
      GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
  GList* able = gst_element_factory_list_filter(all, caps, GST_PAD_SINK, FALSE);
  const bool found = able != nullptr;
  gst_plugin_feature_list_free(all);
  gst_plugin_feature_list_free(able);
  if (!found)
    g_test_skip("no H.264 decoder for GStreamer on this machine");
  return found;
}

void test_every_frame_of_a_clip_has_a_result(gconstpointer data) {
  const auto& clip = *static_cast<const Clip*>(data);
  const fs::path file = real_data_or_skip(clip.file);
  if (file.empty() || !h264_or_skip())
    return;
  Playback playback(decode(file), shades_bundle());

  const End end = playback.play_to_end();

  g_assert_cmpstr(playback.error().c_str(), ==, "");
  g_assert_true(end == End::kEos);
  assert_same_buffers(playback);
  const auto out = buffers(playback.seen_out());
  g_assert_cmpuint(out.size(), ==, clip.frames);
  for (const Seen& frame : out) g_assert_cmpint(frame.label, >=, 0);
}

// Whether the rest is an error or the end is for the demuxer to say.
void test_a_truncated_clip_ends(gconstpointer data) {
  const auto& clip = *static_cast<const Clip*>(data);
  const fs::path file = real_data_or_skip(clip.file);
  if (file.empty() || !h264_or_skip())
    return;
  const TemporaryFolder folder;
  const fs::path half = folder / "half.mp4";
  fs::copy_file(file, half);
  fs::resize_file(half, fs::file_size(file) / 2);
  Playback playback(decode(half), shades_bundle());

  const End end = playback.play_to_end();

  g_assert_true(end != End::kNothing);
  // After an error, frames may still be on their way.
  for (int i = 0; i < 500; ++i) {
    if (buffers(playback.seen_in()).size() ==
        buffers(playback.seen_out()).size())
      break;
    g_usleep(10'000);
  }
  assert_same_buffers(playback);
  g_assert_cmpuint(buffers(playback.seen_in()).size(), >, 0);
  g_assert_cmpuint(buffers(playback.seen_in()).size(), <, clip.frames);
}

constexpr const char* kFormats[] = {"NV12", "NV21", "I420", "YV12", "YUY2",
                                    "UYVY", "RGB",  "BGR",  "RGBx", "BGRx",
                                    "xRGB", "xBGR", "RGBA", "BGRA", "GRAY8"};
struct Size {
  int width;
  int height;
};
constexpr Size kSizes[] = {{1, 1}, {33, 17}, {2, 63}};

// GStreamer leaves the last pixel of an odd row one chroma value short.
bool is_short_of_chroma(const Size& size, const std::string& format) {
  return size.width == 1 && (format == "YUY2" || format == "UYVY");
}

// One pipeline for all sizes of a format: they follow each other.
void test_odd_sizes_are_seen(gconstpointer data) {
  const std::string format = static_cast<const char*>(data);
  std::string line = "concat name=all ! torchclassify name=classify ! fakesink";
  for (const Size& size : kSizes) {
    for (const char* pattern : {"black", "white"})
      line += std::string(" videotestsrc num-buffers=1 pattern=") + pattern +
              " ! video/x-raw,format=" + format +
              ",width=" + std::to_string(size.width) +
              ",height=" + std::to_string(size.height) + " ! all.";
  }
  Playback playback(line, shades_bundle());

  const End end = playback.play_to_end();

  g_assert_cmpstr(playback.error().c_str(), ==, "");
  g_assert_true(end == End::kEos);
  const auto out = buffers(playback.seen_out());
  g_assert_cmpuint(out.size(), ==, 2 * G_N_ELEMENTS(kSizes));
  for (std::size_t i = 0; i < out.size(); ++i) {
    g_assert_cmpint(out[i].width, ==, kSizes[i / 2].width);
    if (!is_short_of_chroma(kSizes[i / 2], format))
      g_assert_cmpint(out[i].label, ==, i % 2 ? kLight : 0);
  }
}

void test_a_new_size_waits_for_the_old(void) {
  Playback playback(
      "concat name=all ! torchclassify name=classify ! fakesink "
      "videotestsrc num-buffers=20 ! video/x-raw,width=320,height=240 ! all. "
      "videotestsrc num-buffers=20 ! video/x-raw,width=64,height=48 ! all.",
      shades_bundle());

  const End end = playback.play_to_end();

  g_assert_true(end == End::kEos);
  const auto out = buffers(playback.seen_out());
  g_assert_cmpuint(out.size(), ==, 40);
  for (std::size_t i = 0; i < out.size(); ++i)
    g_assert_cmpint(out[i].width, ==, i < 20 ? 320 : 64);
}

void test_the_widest_frames_are_seen(void) {
  Playback playback(
      "videotestsrc num-buffers=2 pattern=white ! "
      "video/x-raw,format=NV12,width=32768,height=3 ! "
      "torchclassify name=classify ! fakesink",
      shades_bundle());

  const End end = playback.play_to_end();

  g_assert_true(end == End::kEos);
  const auto out = buffers(playback.seen_out());
  g_assert_cmpuint(out.size(), ==, 2);
  g_assert_cmpint(out[1].label, ==, kLight);
  g_assert_cmpint(out[1].width, ==, 32768);
}

void test_a_sink_that_has_enough_ends_the_pipeline(void) {
  Playback playback(
      "videotestsrc ! torchclassify name=classify ! identity eos-after=5 ! "
      "fakesink",
      shades_bundle());

  const End end = playback.play_to_end();

  g_assert_true(end == End::kEos);
}

std::size_t count_out(const Playback& playback) {
  return buffers(playback.seen_out()).size();
}

// Each seek goes further than anything played before it.
void test_a_seek_leaves_no_older_frame_behind(void) {
  Playback playback(
      "videotestsrc ! video/x-raw,width=64,height=48,framerate=25/1 ! "
      "torchclassify name=classify ! fakesink",
      shades_bundle());
  playback.play();
  constexpr int kSeeks = 10;
  for (int i = 1; i <= kSeeks; ++i) {
    const std::size_t before = count_out(playback);
    for (int wait = 0; wait < 3000 && count_out(playback) < before + 5; ++wait)
      g_usleep(10'000);

    g_assert_true(gst_element_seek_simple(
        playback.pipeline(), GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
        i * 1000 * static_cast<gint64>(GST_SECOND)));
  }
  const std::size_t before = count_out(playback);
  for (int wait = 0; wait < 3000 && count_out(playback) < before + 5; ++wait)
    g_usleep(10'000);

  GstClockTime earliest = 0;
  int flushes = 0;
  for (const Seen& seen : playback.seen_out()) {
    if (seen.event == GST_EVENT_FLUSH_STOP)
      earliest = ++flushes * 1000 * GST_SECOND;
    if (seen.event != GST_EVENT_UNKNOWN)
      continue;
    g_assert_cmpuint(seen.pts, >=, earliest);
    g_assert_cmpint(seen.label, >=, 0);
  }
  g_assert_cmpint(flushes, ==, kSeeks);
}

// The query that precedes the second size waits behind a sink in preroll.
void test_a_paused_pipeline_can_be_sought_and_stopped(void) {
  Playback playback(
      "concat name=all ! torchclassify name=classify ! fakesink sync=true "
      "videotestsrc num-buffers=3 ! video/x-raw,width=32,height=24 ! all. "
      "videotestsrc ! video/x-raw,width=64,height=48 ! all.",
      shades_bundle());
  gst_element_set_state(playback.pipeline(), GST_STATE_PAUSED);
  g_assert_cmpint(gst_element_get_state(playback.pipeline(), nullptr, nullptr,
                                        30 * GST_SECOND),
                  ==, GST_STATE_CHANGE_SUCCESS);

  g_assert_true(gst_element_seek_simple(playback.pipeline(), GST_FORMAT_TIME,
                                        GST_SEEK_FLAG_FLUSH, 0));

  g_assert_cmpint(gst_element_get_state(playback.pipeline(), nullptr, nullptr,
                                        30 * GST_SECOND),
                  ==, GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint(gst_element_set_state(playback.pipeline(), GST_STATE_NULL),
                  ==, GST_STATE_CHANGE_SUCCESS);
}

void test_stopping_does_not_wait_for_the_stream(void) {
  for (int i = 0; i < 5; ++i) {
    Playback playback(
        "videotestsrc is-live=true ! torchclassify name=classify ! fakesink",
        shades_bundle());
    playback.play();
    g_usleep(20'000 * i);

    const auto result =
        gst_element_set_state(playback.pipeline(), GST_STATE_NULL);

    g_assert_cmpint(result, ==, GST_STATE_CHANGE_SUCCESS);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/pipeline/every-frame-of-a-clip-has-a-result", kClips,
                    test_every_frame_of_a_clip_has_a_result);
  support::add_rows("/pipeline/a-truncated-clip-ends", kCuttable,
                    test_a_truncated_clip_ends);
  for (const char* format : kFormats) {
    const std::string path =
        std::string("/pipeline/odd-sizes-are-seen/") + format;
    g_test_add_data_func(path.c_str(), format, test_odd_sizes_are_seen);
  }
  g_test_add_func("/pipeline/a-new-size-waits-for-the-old",
                  test_a_new_size_waits_for_the_old);
  g_test_add_func("/pipeline/the-widest-frames-are-seen",
                  test_the_widest_frames_are_seen);
  g_test_add_func("/pipeline/a-sink-that-has-enough-ends-the-pipeline",
                  test_a_sink_that_has_enough_ends_the_pipeline);
  g_test_add_func("/pipeline/a-seek-leaves-no-older-frame-behind",
                  test_a_seek_leaves_no_older_frame_behind);
  g_test_add_func("/pipeline/a-paused-pipeline-can-be-sought-and-stopped",
                  test_a_paused_pipeline_can_be_sought_and_stopped);
  g_test_add_func("/pipeline/stopping-does-not-wait-for-the-stream",
                  test_stopping_does_not_wait_for_the_stream);
  return g_test_run();
}
