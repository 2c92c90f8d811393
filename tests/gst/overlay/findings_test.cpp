// SPDX-License-Identifier: LGPL-2.1-or-later
// What is found on a frame, each thing once.
#include <cmath>

#include "findings.h"
#include "gst_raii.h"
#include "result_metas.h"
#include "support/rows.h"

namespace {

using namespace torchclassify;
using namespace torchclassify::overlay;
using support::Class;
using support::Region;
using support::Result;

BufferPtr frame_with(const std::vector<Result>& results,
                     const std::vector<Region>& regions = {}) {
  BufferPtr buffer(gst_buffer_new());
  if (!results.empty())
    support::put_results(buffer.get(), results);
  for (const Region& region : regions)
    support::put_region(buffer.get(), region);
  return buffer;
}

std::vector<Finding> found(const BufferPtr& buffer, const Filter& filter = {}) {
  return findings_on(buffer.get(), filter).found;
}

const Label& first_label(const Finding& finding) {
  return finding.said.front().reported.front();
}

Result cat(double confidence = 0.873) {
  Result result;
  result.label = "cat";
  result.confidence = confidence;
  result.top = {{"cat", confidence, true, 0}, {"dog", 0.1, false, 1}};
  return result;
}

Result sedan(int x, int y, int width, int height) {
  Result result;
  result.region = "object";
  result.label = "sedan";
  result.confidence = 0.6;
  result.object_class = "car";
  result.top = {{"sedan", 0.6, true, 0}};
  result.x = x;
  result.y = y;
  result.width = width;
  result.height = height;
  return result;
}

void test_nothing_is_found_on_a_bare_frame(void) {
  const BufferPtr buffer(gst_buffer_new());

  g_assert_true(found(buffer).empty());
}

void test_a_frame_label_has_its_classes(void) {
  const auto findings = found(frame_with({cat()}));

  g_assert_cmpuint(findings.size(), ==, 1);
  g_assert_false(findings[0].box.has_value());
  g_assert_true(first_label(findings[0]) == (Label{"cat", 87}));
  g_assert_cmpuint(findings[0].said[0].top.size(), ==, 2);
  g_assert_true(findings[0].said[0].top[1] == (Label{"dog", 10}));
}

void test_every_present_class_is_reported(void) {
  Result result = cat();
  result.top[1].present = true;

  const auto findings = found(frame_with({result}));

  const auto& reported = findings[0].said[0].reported;
  g_assert_cmpuint(reported.size(), ==, 2);
  g_assert_cmpstr(reported[1].text.c_str(), ==, "dog");
}

void test_each_element_has_its_say(void) {
  BufferPtr buffer = frame_with({cat()});
  Result weather;
  weather.label = "rain";
  weather.confidence = 0.5;
  support::put_results(buffer.get(), {weather});

  const auto findings = found(buffer);

  g_assert_cmpuint(findings.size(), ==, 2);
  g_assert_cmpstr(first_label(findings[1]).text.c_str(), ==, "rain");
}

void test_a_classified_object_is_found_once(void) {
  const auto findings = found(frame_with(
      {sedan(10, 20, 30, 40)}, {{"car", 10, 20, 30, 40, 0.9, "sedan", 0.6}}));

  g_assert_cmpuint(findings.size(), ==, 1);
  g_assert_true(findings[0].box == (Box{10, 20, 30, 40, 0}));
  g_assert_true(findings[0].what == (Label{"car", 90}));
  g_assert_cmpuint(findings[0].said.size(), ==, 1);
  g_assert_true(first_label(findings[0]) == (Label{"sedan", 60}));
}

void test_an_object_that_leaves_the_frame_is_found_once(void) {
  // The result is about the part inside.
  const auto findings = found(frame_with(
      {sedan(600, 20, 40, 40)}, {{"car", 600, 20, 90, 40, 0.9, "sedan", 0.6}}));

  g_assert_cmpuint(findings.size(), ==, 1);
}

void test_two_objects_in_one_place_are_two(void) {
  const auto findings = found(frame_with(
      {sedan(10, 20, 30, 40)}, {{"person", 10, 20, 30, 40, 0.8, "", 0},
                                {"car", 10, 20, 30, 40, 0.9, "sedan", 0.6}}));

  g_assert_cmpuint(findings.size(), ==, 2);
  g_assert_true(findings[0].said.empty());
  g_assert_cmpstr(first_label(findings[1]).text.c_str(), ==, "sedan");
}

void test_another_models_label_is_added(void) {
  BufferPtr buffer =
      frame_with({sedan(1, 2, 3, 4)}, {{"car", 1, 2, 3, 4, 0.9, "sedan", 0.6}});
  auto* region = gst_buffer_get_video_region_of_interest_meta(buffer.get());
  gst_video_region_of_interest_meta_add_param(
      region, gst_structure_new("color", "label", G_TYPE_STRING, "red",
                                "confidence", G_TYPE_DOUBLE, 0.7, nullptr));

  const auto findings = found(buffer);

  g_assert_cmpuint(findings[0].said.size(), ==, 2);
  g_assert_true(findings[0].said[1].reported[0] == (Label{"red", 70}));
}

void test_an_object_without_its_meta_is_found(void) {
  Result result = sedan(10, 20, 30, 40);
  result.object_id = 7;

  const auto findings = found(frame_with({result}));

  g_assert_cmpuint(findings.size(), ==, 1);
  g_assert_cmpstr(findings[0].kind.c_str(), ==, "car");
  g_assert_true(g_str_has_prefix(findings[0].what.text.c_str(), "car "));
}

void test_a_static_region_has_its_name(void) {
  Result result = sedan(10, 20, 30, 40);
  result.region = "gate 2";

  const auto findings = found(frame_with({result}));

  g_assert_cmpstr(findings[0].what.text.c_str(), ==, "gate 2");
  g_assert_true(findings[0].box == (Box{10, 20, 30, 40, 0}));
}

struct Filtered {
  const char* name;
  double confidence;
  guint64 age;
  int label_id;
  Filter filter;
  bool drawn;
};
const Filtered kFiltered[] = {
    {"confident", 0.6, 0, 0, {0.5, 0, false}, true},
    {"as-confident-as-wanted", 0.5, 0, 0, {0.5, 0, false}, true},
    {"not-confident", 0.4, 0, 0, {0.5, 0, false}, false},
    {"not-a-number", NAN, 0, 0, {}, true},
    {"not-a-number-where-some-is-wanted", NAN, 0, 0, {0.1, 0, false}, false},
    {"young", 0.6, GST_SECOND, 0, {0, GST_SECOND, false}, true},
    {"too-old", 0.6, GST_SECOND + 1, 0, {0, GST_SECOND, false}, false},
    {"old-where-nothing-expires", 0.6, G_MAXUINT64 - 1, 0, {}, true},
    {"unknown", 0.6, 0, -1, {}, false},
    {"unknown-where-it-is-shown", 0.6, 0, -1, {0, 0, true}, true},
};

void test_a_label_is_drawn_if_it_is(gconstpointer data) {
  const auto& c = *static_cast<const Filtered*>(data);
  Result result = cat(c.confidence);
  result.age = c.age;
  result.label_id = c.label_id;

  const auto findings = found(frame_with({result}), c.filter);

  g_assert_cmpuint(findings.size(), ==, c.drawn);
}

// The parameter of the region says the same, and does not know its age.
void test_a_label_that_is_not_drawn_does_not_come_back(gconstpointer data) {
  const auto& c = *static_cast<const Filtered*>(data);
  Result result = sedan(1, 2, 3, 4);
  result.confidence = c.confidence;
  result.age = c.age;
  result.label_id = c.label_id;

  const auto findings = found(
      frame_with({result}, {{"car", 1, 2, 3, 4, 0.9, "sedan", 0.6}}), c.filter);

  g_assert_cmpuint(findings.size(), ==, 1);
  g_assert_cmpuint(findings[0].said.size(), ==, c.drawn);
}

void test_doubtful_detections_are_left_out(void) {
  const Filter filter{.min_confidence = 0.5};

  const auto findings = found(frame_with({}, {{"car", 1, 2, 3, 4, 0.4, "", 0},
                                              {"car", 5, 6, 7, 8, 0.6, "", 0},
                                              {"bus", 5, 6, 7, 8, 0, "", 0}}),
                              filter);

  // Where the detector does not say how sure it is, it is believed.
  g_assert_cmpuint(findings.size(), ==, 2);
  g_assert_cmpint(findings[1].what.percent, ==, kNoPercent);
}

void test_ten_thousand_objects_are_cut_and_told(void) {
  BufferPtr buffer(gst_buffer_new());
  for (guint i = 0; i < 10'000; ++i)
    support::put_region(buffer.get(), {"car", i, 0, 5, 5, 0.9, "", 0});

  const Findings findings = findings_on(buffer.get(), {});

  g_assert_true(findings.crowded);
  g_assert_cmpuint(findings.found.size(), ==, kMostObjects);
}

void test_others_labels_of_the_frame_are_found_once(void) {
  const std::vector<std::vector<ObjectLabel>> others = {
      {{"street", 0.8}, {"road", 0.1}}, {{"cat", 0.8}}, {}};
  const TorchClassifyClass top[] = {{"cat", 0, 0.8, TRUE}};
  TorchClassifyResult result{};
  result.region = "full-frame";
  result.label = "cat";
  result.confidence = 0.8;
  result.n_top = 1;
  result.top = top;
  TorchClassifyFrame frame{};
  frame.n_results = 1;
  frame.results = &result;

  const auto findings = merge({&frame}, {}, others, {});

  g_assert_cmpuint(findings.size(), ==, 2);
  g_assert_cmpuint(findings[1].said[0].top.size(), ==, 2);
}

void test_null_strings_are_survived(void) {
  TorchClassifyResult result{};
  TorchClassifyFrame frame{};
  frame.n_results = 1;
  frame.results = &result;

  const auto findings = merge({&frame}, {}, {}, {});

  g_assert_cmpuint(findings.size(), ==, 1);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  const auto add = [](const char* name, GTestFunc test) {
    g_autofree char* path = g_strdup_printf("/overlay-findings/%s", name);
    g_test_add_func(path, test);
  };
  add("nothing-is-found-on-a-bare-frame",
      test_nothing_is_found_on_a_bare_frame);
  add("a-frame-label-has-its-classes", test_a_frame_label_has_its_classes);
  add("every-present-class-is-reported", test_every_present_class_is_reported);
  add("each-element-has-its-say", test_each_element_has_its_say);
  add("a-classified-object-is-found-once",
      test_a_classified_object_is_found_once);
  add("an-object-that-leaves-the-frame-is-found-once",
      test_an_object_that_leaves_the_frame_is_found_once);
  add("two-objects-in-one-place-are-two",
      test_two_objects_in_one_place_are_two);
  add("another-models-label-is-added", test_another_models_label_is_added);
  add("an-object-without-its-meta-is-found",
      test_an_object_without_its_meta_is_found);
  add("a-static-region-has-its-name", test_a_static_region_has_its_name);
  support::add_rows("/overlay-findings/a-label-is-drawn-if-it-is", kFiltered,
                    test_a_label_is_drawn_if_it_is);
  support::add_rows(
      "/overlay-findings/a-label-that-is-not-drawn-does-not-come-back",
      kFiltered, test_a_label_that_is_not_drawn_does_not_come_back);
  add("doubtful-detections-are-left-out",
      test_doubtful_detections_are_left_out);
  add("ten-thousand-objects-are-cut-and-told",
      test_ten_thousand_objects_are_cut_and_told);
  add("others-labels-of-the-frame-are-found-once",
      test_others_labels_of_the_frame_are_found_once);
  add("null-strings-are-survived", test_null_strings_are_survived);
  return g_test_run();
}
