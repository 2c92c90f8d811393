// SPDX-License-Identifier: LGPL-2.1-or-later
// Cameras that stop, sinks that block, caps that never stay; engine as in
// fake_engine.cpp.
#include <atomic>
#include <string>
#include <thread>

#include "classify_harness.h"

namespace {

using namespace support;

constexpr gint64 kPrompt = G_USEC_PER_SEC;

// Keeps the element's source pad from pushing buffers.
class Blocked {
 public:
  explicit Blocked(const Harness& harness)
      : pad_(gst_element_get_static_pad(element_of(harness).get(), "src")),
        probe_(gst_pad_add_probe(
            pad_.get(),
            static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK |
                                         GST_PAD_PROBE_TYPE_BUFFER),
            [](auto...) { return GST_PAD_PROBE_OK; }, nullptr, nullptr)) {}
  ~Blocked() { gst_pad_remove_probe(pad_.get(), probe_); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

 private:
  const PadPtr pad_;
  const gulong probe_;
};

// A camera whose frames nobody waits for but itself.
class Camera {
 public:
  explicit Camera(const Harness& harness)
      : thread_([this, pad = harness->srcpad] {
          for (int i = 0; flow_ == GST_FLOW_OK; ++i) {
            flow_ = gst_pad_push(pad, frame(1, i));
            ++frames_;
          }
        }) {}
  ~Camera() { stop(); }
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  // Once it is held up: how many frames it has got rid of.
  int frames_when_held() const {
    int before = -1;
    while (frames_ != before) {
      before = frames_;
      g_usleep(200'000);
    }
    return before;
  }
  // Waits for its end.
  GstFlowReturn stop() {
    if (thread_.joinable())
      thread_.join();
    return flow_;
  }

 private:
  std::atomic<int> frames_{0};
  std::atomic<GstFlowReturn> flow_{GST_FLOW_OK};
  std::thread thread_;
};

void test_a_stalled_cameras_last_frame_leaves(void) {
  Harness harness = playing("model-file=m batch-size=8 batch-timeout=5000000");

  gst_harness_push(harness.get(), frame(7, 0));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, 7);
}

void test_a_blocked_sink_holds_the_camera_up(void) {
  Harness harness = playing("model-file=m");
  const Blocked blocked(harness);
  Camera camera(harness);

  const int held = camera.frames_when_held();

  // Room for what two batches need and a little; not for all that come.
  g_assert_cmpint(held, >, 0);
  g_assert_cmpint(held, <=, 16);
  gst_harness_push_event(harness.get(), gst_event_new_flush_start());
  g_assert_cmpint(camera.stop(), ==, GST_FLOW_FLUSHING);
}

void test_a_flush_frees_a_blocked_camera_at_once(void) {
  Harness harness = playing("model-file=m");
  const Blocked blocked(harness);
  Camera camera(harness);
  camera.frames_when_held();
  const gint64 before = g_get_monotonic_time();

  gst_harness_push_event(harness.get(), gst_event_new_flush_start());
  const GstFlowReturn flow = camera.stop();

  g_assert_cmpint(flow, ==, GST_FLOW_FLUSHING);
  g_assert_cmpint(g_get_monotonic_time() - before, <, kPrompt);
}

void test_the_state_changes_while_the_sink_blocks(void) {
  Harness harness = playing("model-file=m");
  const Blocked blocked(harness);
  Camera camera(harness);
  camera.frames_when_held();
  const ElementPtr element = element_of(harness);
  const gint64 before = g_get_monotonic_time();

  const auto result = gst_element_set_state(element.get(), GST_STATE_NULL);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint(g_get_monotonic_time() - before, <, kPrompt);
  g_assert_cmpint(camera.stop(), ==, GST_FLOW_FLUSHING);
}

// Every frame has its own size; each result is of its frame's.
void test_caps_that_change_at_every_buffer(void) {
  Harness harness = playing("model-file=random");
  constexpr int kFrames = 60;

  for (int i = 0; i < kFrames; ++i) {
    const int width = 4 * (1 + i % 9);
    const std::string caps =
        "video/x-raw,format=GRAY8,height=3,width=" + std::to_string(width);
    gst_harness_set_src_caps_str(harness.get(), caps.c_str());
    gst_harness_push(harness.get(),
                     frame(20 + i, i, static_cast<gsize>(3 * width)));
  }

  for (int i = 0; i < kFrames; ++i) {
    g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
    int width = 0;
    gst_structure_get_int(result_of(buffer), "width", &width);
    g_assert_cmpint(width, ==, 4 * (1 + i % 9));
    g_assert_cmpint(label_of(buffer), ==, 20 + i);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/stalls/a-stalled-cameras-last-frame-leaves",
                  test_a_stalled_cameras_last_frame_leaves);
  g_test_add_func("/stalls/a-blocked-sink-holds-the-camera-up",
                  test_a_blocked_sink_holds_the_camera_up);
  g_test_add_func("/stalls/a-flush-frees-a-blocked-camera-at-once",
                  test_a_flush_frees_a_blocked_camera_at_once);
  g_test_add_func("/stalls/the-state-changes-while-the-sink-blocks",
                  test_the_state_changes_while_the_sink_blocks);
  g_test_add_func("/stalls/caps-that-change-at-every-buffer-keep-their-results",
                  test_caps_that_change_at_every_buffer);
  return g_test_run();
}
