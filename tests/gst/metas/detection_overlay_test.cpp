// SPDX-License-Identifier: LGPL-2.1-or-later
// GStreamer's own consumer of detections draws what we write on a buffer.
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "metas/objects.h"

namespace {

using namespace torchclassify;

constexpr char kElement[] = "objectdetectionoverlay";
constexpr int kWidth = 160;
constexpr int kHeight = 120;
constexpr char kCaps[] =
    "video/x-raw,format=GRAY8,width=160,height=120,framerate=25/1";

struct HarnessFree {
  void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
};
using Harness = std::unique_ptr<GstHarness, HarnessFree>;

bool missing() {
  g_autoptr(GstElementFactory) factory = gst_element_factory_find(kElement);
  if (!factory)
    g_test_skip("GStreamer has the element objectdetectionoverlay since 1.24");
  return !factory;
}

GstBuffer* black_frame() {
  constexpr gsize kBytes = kWidth * kHeight;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, kBytes, nullptr);
  gst_buffer_memset(buffer, 0, 0, kBytes);
  GST_BUFFER_PTS(buffer) = 0;
  return buffer;
}

Classified classified(const char* label) {
  return {.model = "signs",
          .label = label,
          .label_id = 14,
          .confidence = 0.75,
          .top = {{label, 0.75}}};
}

// Takes the buffer; gives the pixels that the overlay has made of it.
std::vector<guint8> drawn(GstBuffer* buffer) {
  Harness harness(gst_harness_new(kElement));
  gst_harness_set_src_caps_str(harness.get(), kCaps);
  g_autoptr(GstBuffer) out = gst_harness_push_and_pull(harness.get(), buffer);
  g_assert_nonnull(out);
  std::vector<guint8> pixels(kWidth * kHeight);
  g_assert_cmpuint(gst_buffer_extract(out, 0, pixels.data(), pixels.size()), ==,
                   pixels.size());
  return pixels;
}

std::vector<guint8> drawn_full_frame(const char* label) {
  GstBuffer* buffer = black_frame();
  add_full_frame_object(buffer, kWidth, kHeight, classified(label));
  return drawn(buffer);
}

// The pixels above the outline that are not black.
std::size_t lit_above(const std::vector<guint8>& pixels) {
  constexpr int kRows = 20;
  return std::count_if(pixels.begin(), pixels.begin() + kRows * kWidth,
                       [](guint8 pixel) { return pixel > 64; });
}

void test_a_frame_without_detections_stays_black() {
  if (missing())
    return;
  GstBuffer* buffer = black_frame();
  add_classification(buffer, nullptr, classified("Stop"));

  const auto pixels = drawn(buffer);

  g_assert_cmpint(*std::max_element(pixels.begin(), pixels.end()), ==, 0);
}

void test_the_full_frame_object_is_drawn() {
  if (missing())
    return;

  const auto pixels = drawn_full_frame("Stop");

  // The outline at the left.
  g_assert_cmpint(pixels[kHeight / 2 * kWidth], >, 64);
  g_assert_cmpuint(lit_above(pixels), >, 50);
}

// Without a look at the letters: other words, and a longer one, look other.
void test_the_label_is_drawn() {
  if (missing())
    return;

  const auto stop = drawn_full_frame("Stop");
  const auto again = drawn_full_frame("Stop");
  const auto other = drawn_full_frame("Yield");
  const auto longer = drawn_full_frame("Stop Stop");

  g_assert_true(stop == again);
  g_assert_false(stop == other);
  g_assert_cmpuint(lit_above(longer), >, lit_above(stop));
}

// The detection's own label gives way to the one that it relates to.
void test_a_classified_detection_shows_the_class() {
  if (missing())
    return;
  const auto plain = drawn_full_frame("x");
  GstBuffer* buffer = black_frame();
  Classified other = classified("x");
  other.top = {{"Yield", 0.75}};
  add_full_frame_object(buffer, kWidth, kHeight, other);

  const auto pixels = drawn(buffer);

  g_assert_false(pixels == plain);
  g_assert_true(pixels == drawn_full_frame("Yield"));
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/detection-overlay/a-frame-without-detections-stays-black",
                  test_a_frame_without_detections_stays_black);
  g_test_add_func("/detection-overlay/the-full-frame-object-is-drawn",
                  test_the_full_frame_object_is_drawn);
  g_test_add_func("/detection-overlay/the-label-is-drawn",
                  test_the_label_is_drawn);
  g_test_add_func("/detection-overlay/a-classified-detection-shows-the-class",
                  test_a_classified_detection_shows_the_class);
  return g_test_run();
}
