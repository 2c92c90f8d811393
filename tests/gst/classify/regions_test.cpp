// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects on frames: which are classified, on which pixels, and who is told.
#include <limits>

#include "located_frames.h"
#include "reports.h"
#include "support/rows.h"

namespace {

using namespace support;

constexpr char kObjects[] = "model-file=m inference-region=roi-list";

void assert_labels(GstBuffer* buffer, const char* expected) {
  const std::string labels = labels_on(buffer);
  g_assert_cmpstr(labels.c_str(), ==, expected);
}

Harness playing_objects(const char* properties) {
  g_autofree char* all = g_strdup_printf("%s %s", kObjects, properties);
  return playing_located(all);
}

void test_each_object_is_cut_out_where_it_is(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 4);
  add_object(buffer, "person", 5, 9, 2, 6);
  add_object(buffer, "car", 15, 15, 1, 1);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  g_assert_cmpint(class_at(2, 3), ==, 50);
  assert_labels(out, "50 149 255");
  g_assert_cmpuint(counter(harness, "inferred"), ==, 3);
}

void test_a_result_says_what_it_is_of(void) {
  Harness harness = playing_objects("top-k=2");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 5, 77);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  const std::vector<Result> results = results_on(out);
  g_assert_cmpuint(results.size(), ==, 1);
  const Result& result = results[0];
  g_assert_cmpstr(result.region.c_str(), ==, "object");
  g_assert_cmpstr(result.label.c_str(), ==, "class 50");
  g_assert_cmpfloat_with_epsilon(result.confidence, 0.75, 1e-6);
  g_assert_cmpuint(result.age, ==, 0);
  g_assert_cmpint(result.object_id, ==, 77);
  g_assert_cmpstr(result.object_class.c_str(), ==, "car");
  g_assert_cmpint(result.x, ==, 2);
  g_assert_cmpint(result.y, ==, 3);
  g_assert_cmpint(result.width, ==, 4);
  g_assert_cmpint(result.height, ==, 5);
  g_assert_cmpint(result.classes, ==, 2);
}

void test_what_nobody_tracks_has_no_id(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 5);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  g_assert_cmpint(results_on(out)[0].object_id, ==, -1);
}

// The labels of the objects' own parameters, in the order of the metas.
std::string params_on(GstBuffer* buffer) {
  std::string labels;
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
             buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    auto* object = reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta);
    const GstStructure* param = gst_video_region_of_interest_meta_get_param(
        object, "roi/torchclassify");
    labels += param ? gst_structure_get_string(param, "label") : "-";
    labels += ";";
  }
  return labels;
}

void assert_params(GstBuffer* buffer, const char* expected) {
  const std::string labels = params_on(buffer);
  g_assert_cmpstr(labels.c_str(), ==, expected);
}

void test_each_object_carries_its_own_label(void) {
  Harness harness = playing_objects("object-class=car");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 4);
  add_object(buffer, "person", 5, 9, 2, 6);
  add_object(buffer, "car", 0, 1, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_params(out, "class 50;-;class 16;");
}

void test_objects_in_one_place_are_two(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 4);
  add_object(buffer, "car", 2, 3, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_labels(out, "50 50");
  assert_params(out, "class 50;class 50;");
}

void test_a_frame_without_objects_passes(void) {
  Harness harness = playing_objects("");

  g_autoptr(GstBuffer) out = passed(harness, located_frame(0));

  g_assert_null(gst_buffer_get_custom_meta(out, "torchclassify"));
  g_assert_cmpuint(counter(harness, "inferred"), ==, 0);
  g_assert_cmpuint(counter(harness, "skipped"), ==, 0);
}

struct Choice {
  const char* name;
  const char* properties;
  const char* expected;
};
// Of a car 4x4 at 1,1, a person 2x6 at 3,1 and a red car 8x2 at 5,1.
constexpr Choice kChoices[] = {
    {"all", "", "17 19 21"},
    {"one-class", "object-class=person", "19"},
    {"two-classes", "object-class=car,person", "17 19"},
    {"classes-with-spaces", "object-class=\" red car ,\tperson \"", "19 21"},
    {"a-class-that-nothing-is", "object-class=dog", ""},
    {"classes-in-their-own-case", "object-class=Car", ""},
    {"commas-alone", "object-class=\" , \"", "17 19 21"},
    {"the-wide", "object-min-width=4", "17 21"},
    {"the-narrow", "object-max-width=4", "17 19"},
    {"the-high", "object-min-height=4", "17 19"},
    {"the-low", "object-max-height=4", "17 21"},
    {"the-square", "object-min-width=4 object-max-width=4", "17"},
    {"all-of-it", "object-class=car object-min-width=5", ""},
};

void test_chosen_are(gconstpointer data) {
  const auto& c = *static_cast<const Choice*>(data);
  Harness harness = playing_objects(c.properties);
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 1, 1, 4, 4);
  add_object(buffer, "person", 3, 1, 2, 6);
  add_object(buffer, "red car", 5, 1, 8, 2);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_labels(out, c.expected);
  // Nobody wanted them: that is no loss.
  g_assert_cmpuint(counter(harness, "left-out"), ==, 0);
}

struct Odd {
  const char* name;
  int x;
  int y;
  int width;
  int height;
  double rotation;
  const char* expected;
};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Odd kOdd[] = {
    {"over-the-edge", 12, 12, 100, 100, 0, "204"},
    {"right-of-the-frame", 16, 2, 4, 4, 0, ""},
    {"below-the-frame", 2, 16, 4, 4, 0, ""},
    {"at-minus-three", -3, 2, 8, 8, 0, ""},
    {"of-negative-width", 2, 2, -3, 4, 0, "34"},
    {"without-width", 2, 2, 0, 4, 0, ""},
    {"without-height", 2, 2, 4, 0, 0, ""},
    {"of-everything", 0, 0, G_MAXINT, G_MAXINT, 0, "0"},
    {"turned-by-a-quarter", 7, 1, 2, 6, G_PI / 2, "53"},
    {"turned-by-no-number", 2, 2, 4, 4, kNan, ""},
    {"turned-by-infinity", 2, 2, 4, 4, kInfinity, ""},
};

void test_an_odd_object_is_clipped_or_left_out(gconstpointer data) {
  const auto& c = *static_cast<const Odd*>(data);
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  auto* object = add_object(buffer, "car", c.x, c.y, c.width, c.height);
  gst_video_region_of_interest_meta_add_param(
      object, gst_structure_new("detection", "rotation", G_TYPE_DOUBLE,
                                c.rotation, nullptr));

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_labels(out, c.expected);
  g_assert_cmpuint(counter(harness, "left-out"), ==, *c.expected ? 0 : 1);
}

void test_an_odd_object_does_not_harm_its_neighbours(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 1, 1, 4, 4);
  add_object(buffer, "car", -3, 0, 4, 4);
  add_object(buffer, "car", 3, 1, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_labels(out, "17 19");
  assert_params(out, "class 17;-;class 19;");
  g_assert_cmpuint(counter(harness, "left-out"), ==, 1);
}

// Of ten thousand, 1024 are read.
void test_a_frame_has_at_most_64_results(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  for (int i = 0; i < 10'000; ++i) add_object(buffer, "car", 1, 1, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  g_assert_cmpuint(results_on(out).size(), ==, 64);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 64);
  g_assert_cmpuint(counter(harness, "left-out"), ==, 1024 - 64);
}

// What is not wanted takes no place of what is.
void test_the_64_are_those_wanted(void) {
  Harness harness = playing_objects("object-class=person");
  GstBuffer* buffer = located_frame(0);
  for (int i = 0; i < 100; ++i) add_object(buffer, "car", 1, 1, 4, 4);
  add_object(buffer, "person", 3, 1, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_labels(out, "19");
}

void test_another_owners_buffer_is_not_changed(void) {
  Harness harness = playing_objects("");
  g_autoptr(GstBuffer) kept = located_frame(0);
  add_object(kept, "car", 2, 3, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, gst_buffer_ref(kept));

  g_assert_true(out != kept);
  assert_labels(out, "50");
  assert_params(out, "class 50;");
  assert_labels(kept, "");
  assert_params(kept, "-;");
  // The pixels are not copied.
  g_assert_true(gst_buffer_peek_memory(out, 0) ==
                gst_buffer_peek_memory(kept, 0));
}

GstPadProbeReturn remove_metas(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  gst_buffer_foreach_meta(
      buffer,
      [](GstBuffer*, GstMeta** meta, gpointer) -> gboolean {
        *meta = nullptr;
        return TRUE;
      },
      nullptr);
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  return GST_PAD_PROBE_OK;
}

// Between two elements: the second has nothing to classify, nor to write on.
void test_objects_that_a_probe_removes_are_not_classified(void) {
  Harness harness(gst_harness_new_parse(
      "torchclassify model-file=m inference-region=roi-list ! "
      "torchclassify name=second model-file=m inference-region=roi-list"));
  gst_harness_set_src_caps_str(harness.get(), kLocatedCaps);
  const ElementPtr second(
      gst_bin_get_by_name(GST_BIN(harness->element), "second"));
  const PadPtr pad(gst_element_get_static_pad(second.get(), "sink"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, remove_metas, nullptr,
                    nullptr);
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_labels(out, "");
}

void test_the_region_changes_while_playing(void) {
  Harness harness = playing_located("model-file=m static-regions=a=1,2,3,4");
  const ElementPtr element = element_of(harness);
  std::string labels;

  for (const char* region : {"full-frame", "roi-list", "static", "roi-list"}) {
    gst_util_set_object_arg(G_OBJECT(element.get()), "inference-region",
                            region);
    GstBuffer* buffer = located_frame(0);
    add_object(buffer, "car", 2, 3, 4, 4);
    g_autoptr(GstBuffer) out = passed(harness, buffer);
    labels += labels_on(out) + ";";
  }

  g_assert_cmpstr(labels.c_str(), ==, "0;50;33;50;");
}

void test_objects_are_clipped_to_new_caps(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 12, 12);
  g_autoptr(GstBuffer) before = passed(harness, buffer);

  gst_harness_set_src_caps_str(harness.get(),
                               "video/x-raw,format=GRAY8,width=8,height=4");
  GstBuffer* smaller = frame(7, 1);
  add_object(smaller, "car", 2, 3, 12, 12);
  g_autoptr(GstBuffer) after = passed(harness, smaller);

  g_assert_cmpint(results_on(before)[0].width, ==, 12);
  g_assert_cmpint(results_on(after)[0].label_id, ==, 7);
  g_assert_cmpint(results_on(after)[0].width, ==, 6);
  g_assert_cmpint(results_on(after)[0].height, ==, 1);
}

void test_messages_tell_of_every_object(void) {
  Harness harness = playing_objects("post-messages=all");
  const HarnessBus bus(harness);
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 2, 3, 4, 4);
  add_object(buffer, "person", 5, 9, 2, 6);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  const Said said = said_on(bus.get());
  g_assert_cmpuint(said.labels.size(), ==, 1);
  g_assert_cmpstr(said.labels[0].c_str(), ==, "50 149");
}

void add_result_tests(void) {
  g_test_add_func("/regions/each-object-is-cut-out-where-it-is",
                  test_each_object_is_cut_out_where_it_is);
  g_test_add_func("/regions/a-result-says-what-it-is-of",
                  test_a_result_says_what_it_is_of);
  g_test_add_func("/regions/what-nobody-tracks-has-no-id",
                  test_what_nobody_tracks_has_no_id);
  g_test_add_func("/regions/each-object-carries-its-own-label",
                  test_each_object_carries_its_own_label);
  g_test_add_func("/regions/objects-in-one-place-are-two",
                  test_objects_in_one_place_are_two);
  g_test_add_func("/regions/messages-tell-of-every-object",
                  test_messages_tell_of_every_object);
}

void add_choice_tests(void) {
  g_test_add_func("/regions/a-frame-without-objects-passes",
                  test_a_frame_without_objects_passes);
  add_rows("/regions/chosen-are", kChoices, test_chosen_are);
  add_rows("/regions/an-odd-object-is-clipped-or-left-out", kOdd,
           test_an_odd_object_is_clipped_or_left_out);
  g_test_add_func("/regions/an-odd-object-does-not-harm-its-neighbours",
                  test_an_odd_object_does_not_harm_its_neighbours);
  g_test_add_func("/regions/a-frame-has-at-most-64-results",
                  test_a_frame_has_at_most_64_results);
  g_test_add_func("/regions/the-64-are-those-wanted",
                  test_the_64_are_those_wanted);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  add_result_tests();
  add_choice_tests();
  g_test_add_func("/regions/another-owners-buffer-is-not-changed",
                  test_another_owners_buffer_is_not_changed);
  g_test_add_func("/regions/objects-that-a-probe-removes-are-not-classified",
                  test_objects_that_a_probe_removes_are_not_classified);
  g_test_add_func("/regions/the-region-changes-while-playing",
                  test_the_region_changes_while_playing);
  g_test_add_func("/regions/objects-are-clipped-to-new-caps",
                  test_objects_are_clipped_to_new_caps);
  return g_test_run();
}
