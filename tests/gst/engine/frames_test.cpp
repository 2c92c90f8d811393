// SPDX-License-Identifier: LGPL-2.1-or-later
// Caps, frames and queries one by one, with the real engine.
#include <cstring>
#include <string>

#include "bundles.h"
#include "classify_harness.h"

namespace {

using namespace support;

constexpr int kDark = 0;
constexpr int kLight = 1;

Harness shades(const char* caps) {
  Harness harness = make_harness(
      ("device=cpu model-file=" + shades_bundle().string()).c_str());
  gst_harness_set_src_caps_str(harness.get(), caps);
  return harness;
}

// kCaps have no framerate.
void test_caps_need_no_framerate(void) {
  Harness harness = shades(kCaps);

  gst_harness_push(harness.get(), frame(255, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, kLight);
}

constexpr const char* kBadCaps[] = {
    "video/x-raw,format=GRAY8,width=0,height=4",
    "video/x-raw,format=GRAY8,width=4,height=0",
    "video/x-raw,format=GRAY8,width=-4,height=4",
    "video/x-raw,format=GRAY16_LE,width=4,height=4",
    "video/x-raw,width=4,height=4,format=I420,interlace-mode=alternate",
    "image/jpeg,width=4,height=4",
};

void test_caps_are_refused_by_negotiation(gconstpointer data) {
  Harness harness = shades(kCaps);
  g_autoptr(GstCaps) caps =
      gst_caps_from_string(static_cast<const char*>(data));
  if (std::strstr(static_cast<const char*>(data), "alternate"))
    gst_caps_set_features_simple(
        caps, gst_caps_features_new("format:Interlaced", nullptr));

  const gboolean accepted =
      gst_pad_peer_query_accept_caps(harness->srcpad, caps);
  gst_harness_push_event(harness.get(), gst_event_new_caps(caps));

  g_assert_false(accepted);
  g_assert_cmpint(gst_harness_push(harness.get(), frame(0, 0)), ==,
                  GST_FLOW_NOT_NEGOTIATED);
}

void test_frames_that_are_too_wide_are_one_error(void) {
  Harness harness = shades("video/x-raw,format=GRAY8,width=32769,height=1");
  const HarnessBus bus(harness);

  const GstFlowReturn flow =
      gst_harness_push(harness.get(), frame(1, 0, 32772));

  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
  assert_one_error(bus.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
}

void test_the_end_waits_for_the_frames_before_it(void) {
  Harness harness = shades(kCaps);
  constexpr int kFrames = 30;

  for (int i = 0; i < kFrames; ++i)
    gst_harness_push(harness.get(), frame(i % 2 ? 255 : 0, i));
  gst_harness_push_event(harness.get(), gst_event_new_eos());

  for (int i = 0; i < kFrames; ++i) {
    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    g_assert_cmpint(label_of(buffer), ==, i % 2 ? kLight : kDark);
  }
  for (bool ended = false; !ended;) {
    g_autoptr(GstEvent) event = gst_harness_pull_event(harness.get());
    g_assert_nonnull(event);
    ended = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
  }
}

void test_a_drain_waits_for_the_frames_before_it(void) {
  Harness harness = shades(kCaps);
  for (int i = 0; i < 5; ++i) gst_harness_push(harness.get(), frame(0, i));
  g_autoptr(GstQuery) query = gst_query_new_drain();

  gst_pad_peer_query(harness->srcpad, query);

  g_assert_cmpuint(gst_harness_buffers_received(harness.get()), ==, 5);
}

GstPadProbeReturn note_order(GstPad*, GstPadProbeInfo* info, gpointer order) {
  auto* text = static_cast<GString*>(order);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    g_string_append_c(text, 'b');
  else if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_GAP)
    g_string_append_c(text, 'g');
  return GST_PAD_PROBE_OK;
}

void test_gaps_keep_their_place(void) {
  Harness harness = shades(kCaps);
  g_autoptr(GString) order = g_string_new(nullptr);
  gst_pad_add_probe(
      harness->sinkpad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                   GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      note_order, order, nullptr);

  gst_harness_push(harness.get(), frame(0, 0));
  gst_harness_push_event(harness.get(), gst_event_new_gap(kFrame, kFrame));
  gst_harness_push(harness.get(), frame(0, 2));
  for (int i = 0; i < 2; ++i) gst_buffer_unref(gst_harness_pull(harness.get()));

  g_assert_cmpstr(order->str, ==, "bgb");
}

void test_a_gap_frame_carries_the_last_result(void) {
  Harness harness = shades(kCaps);
  GstBuffer* gap = frame(0, 1);
  GST_BUFFER_FLAG_SET(gap, GST_BUFFER_FLAG_GAP);

  gst_harness_push(harness.get(), frame(255, 0));
  gst_harness_push(harness.get(), gap);

  gst_buffer_unref(gst_harness_pull(harness.get()));
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, kLight);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 1);
}

double confidence_of(const Harness& harness) {
  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  double confidence = -1;
  g_assert_nonnull(result_of(buffer));
  gst_structure_get_double(result_of(buffer), "confidence", &confidence);
  return confidence;
}

// A grey ramp that the model is not sure of.
GstBuffer* ramp(const GstVideoInfo& info, int padding) {
  const int stride = info.stride[0] + padding;
  GstBuffer* buffer =
      gst_buffer_new_allocate(nullptr, stride * info.height, nullptr);
  gst_buffer_memset(buffer, 0, 255, stride * info.height);
  for (int y = 0; y < info.height; ++y) {
    for (int x = 0; x < info.width; ++x) {
      const auto value = static_cast<guint8>(6 * x + y);
      gst_buffer_fill(buffer, y * stride + x, &value, 1);
    }
  }
  if (padding == 0)
    return buffer;
  gsize offsets[GST_VIDEO_MAX_PLANES] = {0};
  int strides[GST_VIDEO_MAX_PLANES] = {stride};
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE,
                                 GST_VIDEO_FORMAT_GRAY8, info.width,
                                 info.height, 1, offsets, strides);
  return buffer;
}

void test_padding_does_not_change_the_result(void) {
  Harness harness = shades("video/x-raw,format=GRAY8,width=31,height=15");
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_GRAY8, 31, 15);

  for (int padding : {0, 1, 33, 224})
    gst_harness_push(harness.get(), ramp(info, padding));

  const double packed = confidence_of(harness);
  g_assert_cmpfloat(packed, >, 0);
  g_assert_cmpfloat(packed, <, 1);
  for (int i = 0; i < 3; ++i)
    g_assert_cmpfloat(confidence_of(harness), ==, packed);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/frames/caps-need-no-framerate",
                  test_caps_need_no_framerate);
  for (std::size_t i = 0; i < G_N_ELEMENTS(kBadCaps); ++i) {
    const std::string path =
        "/frames/caps-are-refused-by-negotiation/" + std::to_string(i);
    g_test_add_data_func(path.c_str(), kBadCaps[i],
                         test_caps_are_refused_by_negotiation);
  }
  g_test_add_func("/frames/frames-that-are-too-wide-are-one-error",
                  test_frames_that_are_too_wide_are_one_error);
  g_test_add_func("/frames/the-end-waits-for-the-frames-before-it",
                  test_the_end_waits_for_the_frames_before_it);
  g_test_add_func("/frames/a-drain-waits-for-the-frames-before-it",
                  test_a_drain_waits_for_the_frames_before_it);
  g_test_add_func("/frames/gaps-keep-their-place", test_gaps_keep_their_place);
  g_test_add_func("/frames/a-gap-frame-carries-the-last-result",
                  test_a_gap_frame_carries_the_last_result);
  g_test_add_func("/frames/padding-does-not-change-the-result",
                  test_padding_does_not_change_the_result);
  return g_test_run();
}
