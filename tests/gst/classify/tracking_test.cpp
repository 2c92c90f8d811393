// SPDX-License-Identifier: LGPL-2.1-or-later
// Which frames objects are classified in, and what they carry between.
#include "located_frames.h"
#include "reports.h"
#include "support/assert_text.h"
#include "support/rows.h"

namespace {

using namespace support;

Harness playing_objects(const char* properties) {
  g_autofree char* all =
      g_strdup_printf("model-file=m inference-region=roi-list %s", properties);
  return playing_located(all);
}

// What is said of a frame with one object at this place.
std::vector<Result> results_for(const Harness& harness, int index, int x, int y,
                                int tracking_id = -1) {
  GstBuffer* buffer = located_frame(index);
  add_object(buffer, "car", x, y, 4, 4, tracking_id);
  g_autoptr(GstBuffer) out = passed(harness, buffer);
  return results_on(out);
}

int label_for(const Harness& harness, int index, int x, int y,
              int tracking_id = -1) {
  const auto results = results_for(harness, index, x, y, tracking_id);
  return results.empty() ? -2 : results[0].label_id;
}

struct Interval {
  const char* name;
  const char* properties;
  const char* labels;  // of an object that moves by a pixel a frame, from 0,1
  const char* ages;    // in frames
};
constexpr Interval kIntervals[] = {
    {"once", "reclassify-interval=0", "16 16 16 16 16 16 16 ",
     "0 1 2 3 4 5 6 "},
    {"each-frame", "reclassify-interval=1", "16 17 18 19 20 21 22 ",
     "0 0 0 0 0 0 0 "},
    {"each-third-frame", "reclassify-interval=3", "16 16 16 19 19 19 22 ",
     "0 1 2 0 1 2 0 "},
    {"in-every-second-frame-at-most",
     "reclassify-interval=3 inference-interval=2", "16 16 16 16 20 20 20 ",
     "0 1 2 3 0 1 2 "},
};

void test_a_tracked_object_is_classified(gconstpointer data) {
  const auto& c = *static_cast<const Interval*>(data);
  Harness harness = playing_objects(c.properties);
  std::string labels;
  std::string ages;
  guint64 inferred = 0;

  for (int i = 0; i < 7; ++i) {
    const Result result = results_for(harness, i, i, 1, 5).at(0);
    labels += std::to_string(result.label_id) + " ";
    ages += std::to_string(result.age / kFrame) + " ";
    inferred += result.age == 0;
  }

  g_assert_cmpstr(labels.c_str(), ==, c.labels);
  g_assert_cmpstr(ages.c_str(), ==, c.ages);
  g_assert_cmpuint(counter(harness, "inferred"), ==, inferred);
}

void test_each_tracked_object_has_its_own_interval(void) {
  Harness harness = playing_objects("reclassify-interval=3");
  label_for(harness, 0, 0, 1, 5);
  GstBuffer* buffer = located_frame(1);
  add_object(buffer, "car", 1, 1, 4, 4, 5);
  add_object(buffer, "car", 2, 1, 4, 4, 6);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_text(labels_on(out), "16 18");
  g_assert_cmpint(label_for(harness, 2, 3, 1, 6), ==, 18);
  g_assert_cmpint(label_for(harness, 3, 4, 1, 5), ==, 20);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 3);
}

void test_an_object_that_comes_back_is_known(void) {
  Harness harness = playing_objects("reclassify-interval=0");
  label_for(harness, 0, 0, 1, 5);
  for (int i = 1; i < 5; ++i) label_for(harness, i, 8, 8, 6);

  const auto results = results_for(harness, 5, 9, 9, 5);

  g_assert_cmpint(results.at(0).label_id, ==, 16);
  g_assert_cmpuint(results[0].age, ==, 5 * kFrame);
}

void test_what_nobody_tracks_is_classified_in_each_frame(void) {
  Harness harness = playing_objects("reclassify-interval=0");

  for (int i = 0; i < 4; ++i)
    g_assert_cmpint(label_for(harness, i, i, 1), ==, class_at(i, 1));

  g_assert_cmpuint(counter(harness, "inferred"), ==, 4);
}

void test_the_interval_changes_while_playing(void) {
  Harness harness = playing_objects("reclassify-interval=0");
  const ElementPtr element = element_of(harness);
  label_for(harness, 0, 0, 1, 5);

  g_object_set(element.get(), "reclassify-interval", 1, nullptr);

  g_assert_cmpint(label_for(harness, 1, 1, 1, 5), ==, 17);
}

void test_a_flush_begins_anew(void) {
  Harness harness = playing_objects("reclassify-interval=0");
  label_for(harness, 0, 0, 1, 5);

  gst_harness_push_event(harness.get(), gst_event_new_flush_start());
  gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
  push_segment(harness);

  g_assert_cmpint(label_for(harness, 1, 1, 1, 5), ==, 17);
}

// A hostile tracker: the ids never come again.
void test_many_tracked_objects_are_forgotten_not_kept(void) {
  Harness harness = playing_objects("reclassify-interval=0");
  label_for(harness, 0, 0, 1, 0);
  for (int i = 1; i <= 1024; ++i) label_for(harness, i, 8, 8, i);

  g_assert_cmpint(label_for(harness, 1025, 1, 1, 0), ==, 17);

  g_assert_cmpuint(counter(harness, "inferred"), ==, 1026);
}

void test_between_intervals_places_are_known(void) {
  Harness harness = playing_objects("inference-interval=4");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 1, 1, 4, 4);
  add_object(buffer, "car", 9, 9, 4, 4);
  gst_buffer_unref(passed(harness, buffer));

  // One has moved a little, one far; between is a new one.
  buffer = located_frame(1);
  add_object(buffer, "car", 2, 1, 4, 4);
  add_object(buffer, "car", 3, 11, 4, 4);
  g_autoptr(GstBuffer) out = passed(harness, buffer);

  const std::vector<Result> results = results_on(out);
  g_assert_cmpuint(results.size(), ==, 1);
  g_assert_cmpint(results[0].label_id, ==, class_at(1, 1));
  g_assert_cmpint(results[0].x, ==, 2);
  g_assert_cmpuint(results[0].age, ==, kFrame);
  g_assert_cmpuint(counter(harness, "stale"), ==, 1);
  g_assert_cmpuint(counter(harness, "skipped"), ==, 1);
}

void test_a_new_object_waits_for_its_first_inference(void) {
  Harness harness = playing_objects("inference-interval=2");
  label_for(harness, 0, 0, 1, 5);

  g_assert_cmpint(label_for(harness, 1, 8, 8, 6), ==, -2);
  g_assert_cmpint(label_for(harness, 2, 8, 8, 6), ==, class_at(8, 8));
}

// It may be a dog where the car was.
void test_a_place_that_was_seen_empty_is_not_known(void) {
  Harness harness = playing_objects("inference-interval=2");
  label_for(harness, 0, 1, 1);
  gst_buffer_unref(passed(harness, located_frame(1)));
  gst_buffer_unref(passed(harness, located_frame(2)));

  g_assert_cmpint(label_for(harness, 3, 1, 1), ==, -2);
}

void test_nan_takes_the_label_of_that_object_alone(void) {
  Harness harness = playing_objects("");
  GstBuffer* buffer = located_frame(0);
  add_object(buffer, "car", 14, 0, 2, 4);  // the engine's NaN
  add_object(buffer, "car", 1, 1, 4, 4);

  g_autoptr(GstBuffer) out = passed(harness, buffer);

  assert_text(labels_on(out), "17");
  g_assert_cmpuint(counter(harness, "not-finite"), ==, 1);
}

// Pushes frames with the object until it is labelled.
std::vector<Result> results_at_last(const Harness& harness, int x, int y,
                                    int tracking_id) {
  std::vector<Result> results;
  for (int i = 0; i < 1000 && results.empty(); ++i) {
    results = results_for(harness, i, x, y, tracking_id);
    g_usleep(5'000);
  }
  return results;
}

struct Who {
  const char* name;
  int tracking_id;
};
constexpr Who kWho[] = {{"a-tracked-object", 5}, {"what-nobody-tracks", -1}};

void test_latest_gives_an_older_result_to(gconstpointer data) {
  const auto& c = *static_cast<const Who*>(data);
  Harness harness =
      playing_located("model-file=late inference-region=roi-list mode=latest");

  g_assert_cmpint(label_for(harness, 0, 1, 1, c.tracking_id), ==, -2);
  const auto results = results_at_last(harness, 1, 1, c.tracking_id);

  g_assert_cmpint(results.at(0).label_id, ==, class_at(1, 1));
  g_assert_cmpuint(counter(harness, "stale"), >=, 1);
}

// Their results come one after the other, and frames leave between.
void test_latest_keeps_labels_until_there_are_newer_ones(void) {
  Harness harness =
      playing_located("model-file=late inference-region=roi-list mode=latest");
  std::size_t most = 0;

  for (int i = 0; i < 100; ++i) {
    GstBuffer* buffer = located_frame(i);
    for (int x = 0; x < 12; x += 4) add_object(buffer, "car", x, 1, 4, 4);
    g_autoptr(GstBuffer) out = passed(harness, buffer);
    const std::size_t labelled = results_on(out).size();
    g_assert_cmpuint(labelled, >=, most);
    most = MAX(most, labelled);
    g_usleep(5'000);
  }

  g_assert_cmpuint(most, ==, 3);
}

void add_tracked_tests(void) {
  add_rows("/tracking/a-tracked-object-is-classified", kIntervals,
           test_a_tracked_object_is_classified);
  g_test_add_func("/tracking/each-tracked-object-has-its-own-interval",
                  test_each_tracked_object_has_its_own_interval);
  g_test_add_func("/tracking/an-object-that-comes-back-is-known",
                  test_an_object_that_comes_back_is_known);
  g_test_add_func("/tracking/what-nobody-tracks-is-classified-in-each-frame",
                  test_what_nobody_tracks_is_classified_in_each_frame);
  g_test_add_func("/tracking/the-interval-changes-while-playing",
                  test_the_interval_changes_while_playing);
  g_test_add_func("/tracking/a-flush-begins-anew", test_a_flush_begins_anew);
  g_test_add_func("/tracking/many-tracked-objects-are-forgotten-not-kept",
                  test_many_tracked_objects_are_forgotten_not_kept);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  add_tracked_tests();
  g_test_add_func("/tracking/between-intervals-places-are-known",
                  test_between_intervals_places_are_known);
  g_test_add_func("/tracking/a-new-object-waits-for-its-first-inference",
                  test_a_new_object_waits_for_its_first_inference);
  g_test_add_func("/tracking/a-place-that-was-seen-empty-is-not-known",
                  test_a_place_that_was_seen_empty_is_not_known);
  g_test_add_func("/tracking/nan-takes-the-label-of-that-object-alone",
                  test_nan_takes_the_label_of_that_object_alone);
  add_rows("/tracking/latest-gives-an-older-result-to", kWho,
           test_latest_gives_an_older_result_to);
  g_test_add_func("/tracking/latest-keeps-labels-until-there-are-newer-ones",
                  test_latest_keeps_labels_until_there_are_newer_ones);
  return g_test_run();
}
