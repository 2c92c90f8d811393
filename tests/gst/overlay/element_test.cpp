// SPDX-License-Identifier: LGPL-2.1-or-later
// The element torchoverlay: attached or blended, frame by frame.
#include "harness.h"
#include "result_metas.h"
#include "support/rows.h"

namespace {

using namespace support;

Result cat(double confidence = 0.8) {
  Result result;
  result.label = "cat";
  result.confidence = confidence;
  result.top = {{"cat", confidence, true, 0}, {"dog", 0.1, false, 1}};
  return result;
}

GstBuffer* labelled(const Result& result = cat()) {
  GstBuffer* buffer = black_frame();
  put_results(buffer, {result});
  return buffer;
}

GstBuffer* with_car(guint x, guint y, guint width, guint height) {
  GstBuffer* buffer = black_frame();
  put_region(buffer, {"car", x, y, width, height, 0.9, "", 0});
  return buffer;
}

void test_it_attaches_where_downstream_asks(void) {
  const Overlay overlay("", /*attach=*/true);

  const Buffer frame = overlay.pass(labelled());

  g_assert_true(overlay.attaches());
  g_assert_cmpuint(
      gst_video_overlay_composition_n_rectangles(composition_of(frame)), ==, 1);
  g_assert_cmpint(lit(frame), ==, 0);
  g_assert_cmpuint(overlay.counter("attached"), ==, 1);
}

void test_it_blends_where_downstream_does_not(void) {
  const Overlay overlay;

  const Buffer frame = overlay.pass(labelled());

  g_assert_false(overlay.attaches());
  g_assert_null(composition_of(frame));
  g_assert_cmpint(lit(frame), >, 100);
  g_assert_cmpuint(overlay.counter("blended"), ==, 1);
}

void test_it_attaches_to_memory_it_cannot_reach(void) {
  const Overlay overlay("", /*attach=*/true,
                        "video/x-raw(memory:GLMemory),format=RGBA,width=320,"
                        "height=240,texture-target=2D");

  const Buffer frame = overlay.pass(labelled());

  g_assert_nonnull(composition_of(frame));
}

void test_memory_it_cannot_reach_is_refused_without_attaching(void) {
  Overlay overlay;
  gst_harness_set_sink_caps_str(overlay.harness(),
                                "video/x-raw(memory:GLMemory),format=RGBA");
  gst_harness_set_src_caps_str(overlay.harness(),
                               "video/x-raw(memory:GLMemory),format=RGBA,"
                               "width=320,height=240");

  const GstFlowReturn flow = gst_harness_push(overlay.harness(), labelled());

  g_assert_cmpint(flow, ==, GST_FLOW_NOT_NEGOTIATED);
}

void test_the_same_labels_are_the_same_composition(void) {
  const Overlay overlay("", /*attach=*/true);
  const Buffer first = overlay.pass(labelled(cat(0.8)));

  // No more than is shown: both are 80 %.
  const Buffer second = overlay.pass(labelled(cat(0.8004)));

  g_assert_true(composition_of(first) == composition_of(second));
  g_assert_cmpuint(overlay.counter("rendered"), ==, 1);
}

void test_other_labels_are_another_composition(void) {
  const Overlay overlay("", /*attach=*/true);
  const Buffer first = overlay.pass(labelled(cat(0.8)));

  const Buffer second = overlay.pass(labelled(cat(0.9)));

  g_assert_true(composition_of(first) != composition_of(second));
  g_assert_cmpuint(overlay.counter("rendered"), ==, 2);
}

void test_a_label_goes_when_its_result_does(void) {
  const Overlay overlay;
  overlay.pass(labelled());

  const Buffer frame = overlay.pass(black_frame());

  g_assert_cmpint(lit(frame), ==, 0);
}

void test_a_frame_without_findings_keeps_its_pixels(void) {
  const Overlay overlay;
  GstBuffer* buffer = black_frame();
  const Buffer before(gst_buffer_ref(buffer));

  const Buffer after = overlay.pass(buffer);

  g_assert_true(gst_buffer_peek_memory(before.get(), 0) ==
                gst_buffer_peek_memory(after.get(), 0));
  g_assert_cmpuint(overlay.counter("frames"), ==, 1);
  g_assert_cmpuint(overlay.counter("drawn"), ==, 0);
}

void test_shared_pixels_are_not_drawn_on(void) {
  const Overlay overlay;
  GstBuffer* buffer = labelled();
  const Buffer shared(gst_buffer_ref(buffer));

  const Buffer drawn = overlay.pass(buffer);

  g_assert_cmpint(lit(shared), ==, 0);
  g_assert_cmpint(lit(drawn), >, 100);
}

void test_timestamps_flags_and_metas_stay(void) {
  const Overlay overlay;
  GstBuffer* buffer = labelled();
  GST_BUFFER_PTS(buffer) = 5;
  GST_BUFFER_DURATION(buffer) = 7;
  GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_GAP);

  const Buffer frame = overlay.pass(buffer);

  g_assert_cmpuint(GST_BUFFER_PTS(frame.get()), ==, 5);
  g_assert_cmpuint(GST_BUFFER_DURATION(frame.get()), ==, 7);
  g_assert_true(GST_BUFFER_FLAG_IS_SET(frame.get(), GST_BUFFER_FLAG_GAP));
  g_assert_nonnull(gst_buffer_get_custom_meta(frame.get(), "torchclassify"));
}

GstVideoOverlayComposition* someone_elses(void) {
  GstBuffer* pixels = gst_buffer_new_allocate(nullptr, 8 * 8 * 4, nullptr);
  gst_buffer_memset(pixels, 0, 255, 8 * 8 * 4);
  gst_buffer_add_video_meta(pixels, GST_VIDEO_FRAME_FLAG_NONE,
                            GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, 8, 8);
  GstVideoOverlayRectangle* rectangle = gst_video_overlay_rectangle_new_raw(
      pixels, 300, 200, 8, 8, GST_VIDEO_OVERLAY_FORMAT_FLAG_NONE);
  gst_buffer_unref(pixels);
  GstVideoOverlayComposition* composition =
      gst_video_overlay_composition_new(rectangle);
  gst_video_overlay_rectangle_unref(rectangle);
  return composition;
}

GstBuffer* subtitled(GstBuffer* buffer) {
  GstVideoOverlayComposition* composition = someone_elses();
  gst_buffer_add_video_overlay_composition_meta(buffer, composition);
  gst_video_overlay_composition_unref(composition);
  return buffer;
}

constexpr char kSubtitled[] =
    "video/x-raw(memory:SystemMemory,meta:GstVideoOverlayComposition),"
    "format=GRAY8,width=320,height=240";

void test_what_others_attached_stays(void) {
  const Overlay overlay("", /*attach=*/true, kSubtitled);

  const Buffer frame = overlay.pass(subtitled(labelled()));

  g_assert_cmpuint(
      gst_video_overlay_composition_n_rectangles(composition_of(frame)), ==, 2);
}

void test_what_others_attached_is_blended_with_it(void) {
  Overlay overlay;
  gst_harness_set_sink_caps_str(overlay.harness(), kGray);
  gst_harness_set_src_caps_str(overlay.harness(), kSubtitled);

  const Buffer frame = overlay.pass(subtitled(labelled()));

  g_assert_null(composition_of(frame));
  g_assert_cmpint(lit(frame.get(), 300, 200, 8, 8), ==, 64);
  g_assert_cmpint(lit(frame.get(), 0, 0, 100, 100), >, 100);
}

void test_it_changes_over_when_downstream_does(void) {
  const Overlay overlay;
  overlay.pass(labelled());
  gst_harness_add_propose_allocation_meta(
      overlay.harness(), GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
  gst_harness_push_upstream_event(overlay.harness(),
                                  gst_event_new_reconfigure());

  const Buffer frame = overlay.pass(labelled());

  g_assert_true(overlay.attaches());
  g_assert_nonnull(composition_of(frame));
  g_assert_cmpint(lit(frame), ==, 0);
}

void test_another_size_is_laid_out_anew(void) {
  const Overlay overlay("position=bottom-right", /*attach=*/true);
  overlay.pass(labelled());
  gst_harness_set_src_caps_str(overlay.harness(),
                               "video/x-raw,format=GRAY8,width=640,height=480");
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 640 * 480, nullptr);
  put_results(buffer, {cat()});

  const Buffer frame = overlay.pass(buffer);

  int x = 0, y = 0;
  gst_video_overlay_rectangle_get_render_rectangle(
      gst_video_overlay_composition_get_rectangle(composition_of(frame), 0), &x,
      &y, nullptr, nullptr);
  g_assert_cmpint(x, >, 320);
  g_assert_cmpint(y, >, 240);
}

void test_flat_pixels_get_letters_half_as_wide(void) {
  const auto panel_width = [](const char* caps) {
    const Overlay overlay("font-desc=\"Sans 20px\"", /*attach=*/true, caps);
    const Buffer frame = overlay.pass(labelled());
    guint width = 0;
    gst_video_overlay_rectangle_get_render_rectangle(
        gst_video_overlay_composition_get_rectangle(composition_of(frame), 0),
        nullptr, nullptr, &width, nullptr);
    return static_cast<int>(width);
  };

  const int square = panel_width(kGray);
  const int flat = panel_width(
      "video/x-raw,format=GRAY8,width=320,height=240,pixel-aspect-ratio=2/1");

  g_assert_cmpint(ABS(square - 2 * flat), <=, 2);
}

struct Small {
  const char* name;
  int width;
  int height;
};
constexpr Small kSmall[] = {
    {"1x1", 1, 1}, {"1x240", 1, 240}, {"320x1", 320, 1}, {"3x3", 3, 3}};

void test_a_small_frame_is_drawn_on(gconstpointer data) {
  const auto& c = *static_cast<const Small*>(data);
  g_autofree char* caps = g_strdup_printf(
      "video/x-raw,format=I420,width=%d,height=%d", c.width, c.height);
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, c.width, c.height);
  for (const bool attach : {false, true}) {
    const Overlay overlay("", attach, caps);
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
    put_results(buffer, {cat()});
    put_region(buffer, {"car", 0, 0, 9, 9, 0.9, "", 0});

    const Buffer frame = overlay.pass(buffer);

    g_assert_cmpuint(overlay.counter("drawn"), ==, 1);
  }
}

void test_a_short_buffer_is_one_error(void) {
  const Overlay overlay;
  GstBus* bus = gst_bus_new();
  gst_element_set_bus(overlay.element(), bus);
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 99, nullptr);
  put_results(buffer, {cat()});

  const GstFlowReturn flow = gst_harness_push(overlay.harness(), buffer);

  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
  g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
  g_autoptr(GError) error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  g_assert_error(error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
  g_assert_true(g_str_has_prefix(error->message, "expected "));
  g_assert_null(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
  gst_element_set_bus(overlay.element(), nullptr);
  gst_object_unref(bus);
}

const char* const kLabels[] = {
    "<span size='999999'>x</span>",
    "&#x0;&lt;",
    "%s%n%p",
    "\x01\x02\x1b[2J",
    "שלום",
    "مرحبا",
    "\u202e\u2067\u2066\u202b",
    "\U0001f697",
    "\ufdfd\ufdfd",
};

void test_hostile_labels_stay_inside(void) {
  const Overlay overlay("", /*attach=*/true);
  GstBuffer* buffer = black_frame();
  std::vector<Result> results;
  for (const char* label : kLabels) {
    Result result = cat();
    result.label = label;
    result.top[0].label = label;
    results.push_back(result);
    put_region(buffer, {label, 310, 230, 500, 500, 0.5, label, 0.5});
  }
  results.front().label = results.front().top[0].label = std::string(4096, 'W');
  put_results(buffer, results);

  const Buffer frame = overlay.pass(buffer);

  GstVideoOverlayComposition* composition = composition_of(frame);
  const guint count = gst_video_overlay_composition_n_rectangles(composition);
  g_assert_cmpuint(count, >, std::size(kLabels));
  for (guint i = 0; i < count; ++i) {
    int x = 0, y = 0;
    guint width = 0, height = 0;
    gst_video_overlay_rectangle_get_render_rectangle(
        gst_video_overlay_composition_get_rectangle(composition, i), &x, &y,
        &width, &height);
    g_assert_cmpint(x, >=, 0);
    g_assert_cmpint(y, >=, 0);
    g_assert_cmpint(x + static_cast<int>(width), <=, kWidth);
    g_assert_cmpint(y + static_cast<int>(height), <=, kHeight);
  }
}

void test_a_crowd_is_drawn_in_part_and_counted(void) {
  const Overlay overlay;
  GstBuffer* buffer = black_frame();
  for (guint i = 0; i < 10'000; ++i)
    put_region(buffer, {"car", i % 300, i % 200, 20, 20, 0.9, "", 0});

  const Buffer frame = overlay.pass(buffer);

  g_assert_cmpuint(overlay.counter("crowded"), ==, 1);
  g_assert_cmpint(lit(frame), >, 1000);
}

void test_objects_outside_are_counted(void) {
  const Overlay overlay;

  const Buffer frame = overlay.pass(with_car(1000, 1000, 10, 10));

  g_assert_cmpint(lit(frame), ==, 0);
  g_assert_cmpuint(overlay.counter("left-out"), ==, 1);
}

void test_a_second_run_counts_anew(void) {
  const Overlay overlay;
  overlay.pass(labelled());

  gst_element_set_state(overlay.element(), GST_STATE_NULL);
  gst_element_set_state(overlay.element(), GST_STATE_PLAYING);

  g_assert_cmpuint(overlay.counter("frames"), ==, 0);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  const auto add = [](const char* name, GTestFunc test) {
    g_autofree char* path = g_strdup_printf("/overlay-element/%s", name);
    g_test_add_func(path, test);
  };
  add("it-attaches-where-downstream-asks",
      test_it_attaches_where_downstream_asks);
  add("it-blends-where-downstream-does-not",
      test_it_blends_where_downstream_does_not);
  add("it-attaches-to-memory-it-cannot-reach",
      test_it_attaches_to_memory_it_cannot_reach);
  add("memory-it-cannot-reach-is-refused-without-attaching",
      test_memory_it_cannot_reach_is_refused_without_attaching);
  add("the-same-labels-are-the-same-composition",
      test_the_same_labels_are_the_same_composition);
  add("other-labels-are-another-composition",
      test_other_labels_are_another_composition);
  add("a-label-goes-when-its-result-does",
      test_a_label_goes_when_its_result_does);
  add("a-frame-without-findings-keeps-its-pixels",
      test_a_frame_without_findings_keeps_its_pixels);
  add("shared-pixels-are-not-drawn-on", test_shared_pixels_are_not_drawn_on);
  add("timestamps-flags-and-metas-stay", test_timestamps_flags_and_metas_stay);
  add("what-others-attached-stays", test_what_others_attached_stays);
  add("what-others-attached-is-blended-with-it",
      test_what_others_attached_is_blended_with_it);
  add("it-changes-over-when-downstream-does",
      test_it_changes_over_when_downstream_does);
  add("another-size-is-laid-out-anew", test_another_size_is_laid_out_anew);
  add("flat-pixels-get-letters-half-as-wide",
      test_flat_pixels_get_letters_half_as_wide);
  add_rows("/overlay-element/a-small-frame-is-drawn-on", kSmall,
           test_a_small_frame_is_drawn_on);
  add("a-short-buffer-is-one-error", test_a_short_buffer_is_one_error);
  add("hostile-labels-stay-inside", test_hostile_labels_stay_inside);
  add("a-crowd-is-drawn-in-part-and-counted",
      test_a_crowd_is_drawn_in_part_and_counted);
  add("objects-outside-are-counted", test_objects_outside_are_counted);
  add("a-second-run-counts-anew", test_a_second_run_counts_anew);
  return g_test_run();
}
