// SPDX-License-Identifier: LGPL-2.1-or-later
// Regions of a fixed camera's picture, by name.
#include "located_frames.h"
#include "reports.h"
#include "support/assert_text.h"

namespace {

using namespace support;

constexpr char kTwo[] =
    "model-file=m inference-region=static "
    "static-regions=\"gate=2,3,4,5;door=0.5,0.5,0.5,0.5\"";

// "NAME=LABEL ..." of the frame that is pushed.
std::string regions_of(const Harness& harness, GstBuffer* buffer) {
  g_autoptr(GstBuffer) out = passed(harness, buffer);
  std::string text;
  for (const Result& result : results_on(out)) {
    text += text.empty() ? "" : " ";
    text += result.region + "=" + std::to_string(result.label_id);
  }
  return text;
}

void assert_regions(const Harness& harness, int index, const char* expected) {
  const std::string regions = regions_of(harness, located_frame(index));
  g_assert_cmpstr(regions.c_str(), ==, expected);
}

void test_each_region_has_its_result(void) {
  Harness harness = playing_located(kTwo);

  assert_regions(harness, 0, "gate=50 door=136");

  g_assert_cmpint(class_at(8, 8), ==, 136);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 2);
}

void test_a_result_says_where_it_is(void) {
  Harness harness = playing_located(kTwo);

  g_autoptr(GstBuffer) out = passed(harness, located_frame(0));

  const Result door = results_on(out).at(1);
  g_assert_cmpint(door.x, ==, 8);
  g_assert_cmpint(door.y, ==, 8);
  g_assert_cmpint(door.width, ==, 8);
  g_assert_cmpint(door.height, ==, 8);
  g_assert_cmpint(door.object_id, ==, -1);
  g_assert_cmpstr(door.object_class.c_str(), ==, "");
}

void test_objects_are_none_of_their_business(void) {
  Harness harness = playing_located(kTwo);
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 5);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_text(labels_on(out), "50 136");
  auto* object = gst_buffer_get_video_region_of_interest_meta(out);
  g_assert_null(
      gst_video_region_of_interest_meta_get_param(object, "roi/torchclassify"));
}

void test_shares_follow_new_caps_and_pixels_stay(void) {
  Harness harness = playing_located(kTwo);
  assert_regions(harness, 0, "gate=50 door=136");

  gst_harness_set_src_caps_str(harness.get(),
                               "video/x-raw,format=GRAY8,width=8,height=4");
  g_autoptr(GstBuffer) out = passed(harness, frame(7, 1));

  const std::vector<Result> results = results_on(out);
  g_assert_cmpuint(results.size(), ==, 2);
  g_assert_cmpint(results[0].width, ==, 4);
  g_assert_cmpint(results[0].height, ==, 1);
  g_assert_cmpint(results[1].x, ==, 4);
  g_assert_cmpint(results[1].y, ==, 2);
}

void test_a_region_outside_is_left_out(void) {
  Harness harness = playing_located(
      "model-file=m inference-region=static "
      "static-regions=\"near=1,1,4,4;far=100,100,4,4\"");

  assert_regions(harness, 0, "near=17");

  g_assert_cmpuint(counter(harness, "left-out"), ==, 1);
}

void test_regions_change_while_playing(void) {
  Harness harness = playing_located(kTwo);
  const ElementPtr element = element_of(harness);
  assert_regions(harness, 0, "gate=50 door=136");

  g_object_set(element.get(), "static-regions", "yard=1,2,3,4", nullptr);

  assert_regions(harness, 1, "yard=33");
}

void test_bad_text_while_playing_is_one_warning(void) {
  Harness harness = playing_located(kTwo);
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "static-regions", "gate=1,2,3", nullptr);

  for (int i = 0; i < 3; ++i) assert_regions(harness, i, "gate=50 door=136");
  const Said said = said_on(bus.get());
  g_assert_cmpint(said.warnings, ==, 1);
  g_assert_cmpint(said.errors, ==, 0);
  g_assert_nonnull(g_strstr_len(said.text.c_str(), -1, "\"gate=1,2,3\""));
  g_object_set(element.get(), "static-regions", "gate=1,2,3,4", nullptr);
  assert_regions(harness, 3, "gate=33");
  g_assert_cmpint(said_on(bus.get()).warnings, ==, 0);
}

void test_no_text_while_playing_is_one_warning(void) {
  Harness harness = playing_located(kTwo);
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "static-regions", nullptr, nullptr);

  for (int i = 0; i < 3; ++i) assert_regions(harness, i, "");
  const Said said = said_on(bus.get());
  g_assert_cmpint(said.warnings, ==, 1);
  g_assert_nonnull(
      g_strstr_len(said.text.c_str(), -1, "inference-region=static"));
}

void assert_refused(const char* text, const char* word) {
  Lone lone("m");
  gst_util_set_object_arg(G_OBJECT(lone.element), "inference-region", "static");
  g_object_set(lone.element, "static-regions", text, nullptr);

  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint(GST_STATE(lone.element), ==, GST_STATE_NULL);
  const Said said = said_on(lone.bus);
  g_assert_cmpint(said.errors, ==, 1);
  g_assert_nonnull(g_strstr_len(said.text.c_str(), -1, word));
  g_object_set(lone.element, "static-regions", "gate=1,2,3,4", nullptr);
  g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_READY), ==,
                  GST_STATE_CHANGE_SUCCESS);
}

void test_bad_text_at_ready_is_one_error(void) {
  assert_refused("gate=1,2,0,4", "above 0");
}

void test_no_text_at_ready_is_one_error(void) {
  assert_refused(nullptr, "static-regions");
}

// Text that nobody reads yet is none the better for it.
void test_bad_text_is_refused_where_frames_are_classified_whole(void) {
  Lone lone("m");
  g_object_set(lone.element, "static-regions", "gate", nullptr);

  const auto result = gst_element_set_state(lone.element, GST_STATE_READY);

  g_assert_cmpint(result, ==, GST_STATE_CHANGE_FAILURE);
  assert_one_error(lone.bus, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
}

void test_bytes_of_no_script_do_no_harm(void) {
  Harness harness = playing_located(kTwo);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "static-regions", "a\xff=1,2,3,4", nullptr);

  assert_regions(harness, 0, "a\xef\xbf\xbd=33");
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/fixed-regions/each-has-its-result",
                  test_each_region_has_its_result);
  g_test_add_func("/fixed-regions/a-result-says-where-it-is",
                  test_a_result_says_where_it_is);
  g_test_add_func("/fixed-regions/objects-are-none-of-their-business",
                  test_objects_are_none_of_their_business);
  g_test_add_func("/fixed-regions/shares-follow-new-caps-and-pixels-stay",
                  test_shares_follow_new_caps_and_pixels_stay);
  g_test_add_func("/fixed-regions/one-outside-is-left-out",
                  test_a_region_outside_is_left_out);
  g_test_add_func("/fixed-regions/they-change-while-playing",
                  test_regions_change_while_playing);
  g_test_add_func("/fixed-regions/bad-text-while-playing-is-one-warning",
                  test_bad_text_while_playing_is_one_warning);
  g_test_add_func("/fixed-regions/no-text-while-playing-is-one-warning",
                  test_no_text_while_playing_is_one_warning);
  g_test_add_func("/fixed-regions/bad-text-at-ready-is-one-error",
                  test_bad_text_at_ready_is_one_error);
  g_test_add_func("/fixed-regions/no-text-at-ready-is-one-error",
                  test_no_text_at_ready_is_one_error);
  g_test_add_func(
      "/fixed-regions/bad-text-is-refused-where-frames-are-classified-whole",
      test_bad_text_is_refused_where_frames_are_classified_whole);
  g_test_add_func("/fixed-regions/bytes-of-no-script-do-no-harm",
                  test_bytes_of_no_script_do_no_harm);
  return g_test_run();
}
