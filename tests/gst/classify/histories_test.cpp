// SPDX-License-Identifier: LGPL-2.1-or-later
// What is remembered of a stream's regions, and for how long.
#include "classify/histories.h"

#include <glib.h>

#include <memory>

#include "classify/lru_map.h"
#include "classify/reclassify_schedule.h"

namespace {

using namespace torchclassify;

constexpr Box kHere = {0, 0, 10, 10};
constexpr Box kNearby = {2, 0, 10, 10};   // shares two thirds with kHere
constexpr Box kHalfway = {5, 0, 10, 10};  // shares a third
constexpr Box kElsewhere = {50, 50, 10, 10};

Request request(const char* key, std::uint64_t frame, int label,
                const Box& box = kHere) {
  Request request;
  request.key = key;
  request.box = box;
  request.frame = frame;
  request.number = frame;
  request.pts = frame * GST_MSECOND;
  request.stream_time = request.pts;
  request.result.top = {{label, 0.75f}};
  return request;
}

Region region(const char* key, const Box& box = kHere) {
  return {.name = kObject,
          .box = box,
          .turned = std::nullopt,
          .object = std::nullopt,
          .key = key};
}

// A stream's, with what it is asked in short: -2 where nothing is known.
struct Memory {
  void take(const Request& request) { histories.take(request, settings, info); }
  int label(const Region& region) {
    const auto known = histories.recall({region, nullptr});
    return known ? known->verdict->label_id : -2;
  }

  Histories histories;
  const FrameSettings settings;
  const ModelInfo info;
};

void test_the_map_finds_what_was_put_in(void) {
  LruMap<int> map(2);

  map["one"] = 1;

  g_assert_cmpint(*map.find("one"), ==, 1);
  g_assert_null(map.find("two"));
  g_assert_cmpint(map["two"], ==, 0);
  g_assert_cmpuint(map.size(), ==, 2);
}

void test_the_map_forgets_what_was_asked_for_least_lately(void) {
  LruMap<int> map(2);
  map["one"] = 1;
  map["two"] = 2;
  map.find("one");

  map["three"] = 3;

  g_assert_cmpuint(map.size(), ==, 2);
  g_assert_nonnull(map.find("one"));
  g_assert_null(map.find("two"));
  g_assert_nonnull(map.find("three"));
}

void test_the_map_is_bounded(void) {
  LruMap<int> map(100);

  for (int i = 0; i < 10'000; ++i) map[std::to_string(i)] = i;

  g_assert_cmpuint(map.size(), ==, 100);
  g_assert_cmpint(*map.find("9900"), ==, 9900);
  g_assert_null(map.find("9899"));
}

void test_a_cleared_map_is_empty(void) {
  LruMap<int> map(2);
  map["one"] = 1;

  map.clear();

  g_assert_cmpuint(map.size(), ==, 0);
  g_assert_null(map.find("one"));
}

// How many of twelve frames an object is classified in.
int inferences(guint interval) {
  ReclassifySchedule schedule;
  int count = 0;
  for (guint64 frame = 1; frame <= 12; ++frame) {
    if (!schedule.is_due("object 1", interval, frame))
      continue;
    schedule.note("object 1", frame);
    ++count;
  }
  return count;
}

void test_the_interval_is_from_inference_to_inference(void) {
  g_assert_cmpint(inferences(0), ==, 1);
  g_assert_cmpint(inferences(1), ==, 12);
  g_assert_cmpint(inferences(2), ==, 6);
  g_assert_cmpint(inferences(5), ==, 3);
  g_assert_cmpint(inferences(G_MAXINT), ==, 1);
}

void test_what_nobody_tracks_is_always_due(void) {
  ReclassifySchedule schedule;

  schedule.note("", 1);

  g_assert_true(schedule.is_due("", 0, 1));
}

void test_each_object_has_its_own_schedule(void) {
  ReclassifySchedule schedule;

  schedule.note("object 1", 1);

  g_assert_false(schedule.is_due("object 1", 0, 2));
  g_assert_true(schedule.is_due("object 2", 0, 2));
  schedule.clear();
  g_assert_true(schedule.is_due("object 1", 0, 2));
}

void test_a_forgotten_object_is_a_new_one(void) {
  ReclassifySchedule schedule;

  for (guint64 i = 0; i <= ReclassifySchedule::kMostTracked; ++i)
    schedule.note(std::to_string(i), i);

  g_assert_true(schedule.is_due("0", 0, 5000));
  g_assert_false(schedule.is_due("1", 0, 5000));
}

void test_a_tracked_object_is_known_wherever_it_goes(void) {
  Memory memory;
  memory.take(request("object 1", 1, 7, kHere));
  memory.take(request("object 2", 1, 8, kElsewhere));

  g_assert_cmpint(memory.label(region("object 1", kElsewhere)), ==, 7);
  g_assert_cmpint(memory.label(region("object 2", kHere)), ==, 8);
  g_assert_cmpint(memory.label(region("object 3", kHere)), ==, -2);
}

void test_it_is_known_when_it_was_classified(void) {
  Memory memory;

  memory.take(request("object 1", 3, 7));

  g_assert_cmpuint(memory.histories.recall({region("object 1"), nullptr})->pts,
                   ==, 3 * GST_MSECOND);
}

void test_older_results_are_passed_over(void) {
  Memory memory;
  memory.take(request("object 1", 2, 7));

  memory.take(request("object 1", 1, 9));

  g_assert_cmpint(memory.label(region("object 1")), ==, 7);
  memory.take(request("object 1", 3, 8));
  g_assert_cmpint(memory.label(region("object 1")), ==, 8);
}

void test_the_label_that_was_posted_is_kept(void) {
  Memory memory;
  memory.take(request("object 1", 1, 7));
  *memory.histories.recall({region("object 1"), nullptr})->posted_label = 7;

  memory.take(request("object 1", 2, 8));

  const auto known = memory.histories.recall({region("object 1"), nullptr});
  g_assert_cmpint(known->posted_label->value_or(-2), ==, 7);
}

void test_what_nobody_tracks_is_known_by_its_place(void) {
  Memory memory;
  memory.take(request("", 1, 7, kHere));
  memory.take(request("", 1, 8, kElsewhere));

  g_assert_cmpint(memory.label(region("", kHere)), ==, 7);
  g_assert_cmpint(memory.label(region("", kNearby)), ==, 7);
  g_assert_cmpint(memory.label(region("", kElsewhere)), ==, 8);
  g_assert_cmpint(memory.label(region("", kHalfway)), ==, -2);
  g_assert_null(
      memory.histories.recall({region("", kHere), nullptr})->posted_label);
}

void test_its_own_result_comes_before_one_of_its_place(void) {
  Memory memory;
  auto own = std::make_shared<Request>(request("", 1, 8, kHere));
  own->number = 5;
  memory.take(request("", 1, 7, kHere));
  memory.take(*own);

  const auto known = memory.histories.recall({region("", kHere), own});

  g_assert_cmpint(known->verdict->label_id, ==, 8);
}

void test_the_nearest_of_several_is_taken(void) {
  Memory memory;
  memory.take(request("", 1, 7, kHere));
  memory.take(request("", 1, 8, kNearby));

  g_assert_cmpint(memory.label(region("", kHere)), ==, 7);
  g_assert_cmpint(memory.label(region("", kNearby)), ==, 8);
  g_assert_cmpint(memory.label(region("", {1, 0, 10, 10})), !=, -2);
}

// Their results come one after the other.
void test_a_result_that_is_awaited_does_not_unlabel_its_neighbours(void) {
  Memory memory;
  memory.take(request("", 1, 7, kHere));
  memory.take(request("", 1, 8, kElsewhere));

  memory.take(request("", 2, 9, kHere));

  g_assert_cmpint(memory.label(region("", kHere)), ==, 9);
  g_assert_cmpint(memory.label(region("", kElsewhere)), ==, 8);
}

void test_what_is_gone_is_forgotten_after_another_frame(void) {
  Memory memory;
  memory.take(request("", 1, 7, kElsewhere));

  memory.take(request("", 2, 8, kHere));
  memory.take(request("", 3, 8, kHere));

  g_assert_cmpint(memory.label(region("", kElsewhere)), ==, -2);
}

void test_older_results_of_a_place_are_passed_over(void) {
  Memory memory;
  memory.take(request("", 2, 7, kHere));

  memory.take(request("", 1, 9, kHere));

  g_assert_cmpint(memory.label(region("", kHere)), ==, 7);
}

// Another object may come to the same place.
void test_a_frame_without_objects_ends_what_is_known_of_places(void) {
  Memory memory;
  memory.take(request("", 1, 7, kHere));
  memory.take(request("object 1", 1, 8, kHere));

  memory.histories.forget_untracked(2);

  g_assert_cmpint(memory.label(region("", kHere)), ==, -2);
  g_assert_cmpint(memory.label(region("object 1", kHere)), ==, 8);
  memory.take(request("", 1, 7, kHere));
  g_assert_cmpint(memory.label(region("", kHere)), ==, -2);
}

void test_an_earlier_frame_without_objects_ends_nothing(void) {
  Memory memory;
  memory.take(request("", 2, 7, kHere));

  memory.histories.forget_untracked(1);

  g_assert_cmpint(memory.label(region("", kHere)), ==, 7);
}

void test_histories_are_bounded(void) {
  Memory memory;

  for (int i = 0; i <= 1024; ++i)
    memory.take(request(std::to_string(i).c_str(), 1, 7));

  g_assert_cmpint(memory.label(region("0")), ==, -2);
  g_assert_cmpint(memory.label(region("1")), ==, 7);
}

void test_cleared_histories_know_nothing(void) {
  Memory memory;
  memory.take(request("object 1", 5, 7));
  memory.take(request("", 5, 8));

  memory.histories.clear();

  g_assert_cmpint(memory.label(region("object 1")), ==, -2);
  g_assert_cmpint(memory.label(region("")), ==, -2);
  memory.take(request("", 1, 9));
  g_assert_cmpint(memory.label(region("")), ==, 9);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/histories/the-map-finds-what-was-put-in",
                  test_the_map_finds_what_was_put_in);
  g_test_add_func("/histories/the-map-forgets-what-was-asked-for-least-lately",
                  test_the_map_forgets_what_was_asked_for_least_lately);
  g_test_add_func("/histories/the-map-is-bounded", test_the_map_is_bounded);
  g_test_add_func("/histories/a-cleared-map-is-empty",
                  test_a_cleared_map_is_empty);
  g_test_add_func("/histories/the-interval-is-from-inference-to-inference",
                  test_the_interval_is_from_inference_to_inference);
  g_test_add_func("/histories/what-nobody-tracks-is-always-due",
                  test_what_nobody_tracks_is_always_due);
  g_test_add_func("/histories/each-object-has-its-own-schedule",
                  test_each_object_has_its_own_schedule);
  g_test_add_func("/histories/a-forgotten-object-is-a-new-one",
                  test_a_forgotten_object_is_a_new_one);
  g_test_add_func("/histories/a-tracked-object-is-known-wherever-it-goes",
                  test_a_tracked_object_is_known_wherever_it_goes);
  g_test_add_func("/histories/it-is-known-when-it-was-classified",
                  test_it_is_known_when_it_was_classified);
  g_test_add_func("/histories/older-results-are-passed-over",
                  test_older_results_are_passed_over);
  g_test_add_func("/histories/the-label-that-was-posted-is-kept",
                  test_the_label_that_was_posted_is_kept);
  g_test_add_func("/histories/what-nobody-tracks-is-known-by-its-place",
                  test_what_nobody_tracks_is_known_by_its_place);
  g_test_add_func("/histories/its-own-result-comes-before-one-of-its-place",
                  test_its_own_result_comes_before_one_of_its_place);
  g_test_add_func("/histories/the-nearest-of-several-is-taken",
                  test_the_nearest_of_several_is_taken);
  g_test_add_func(
      "/histories/a-result-that-is-awaited-does-not-unlabel-its-neighbours",
      test_a_result_that_is_awaited_does_not_unlabel_its_neighbours);
  g_test_add_func("/histories/what-is-gone-is-forgotten-after-another-frame",
                  test_what_is_gone_is_forgotten_after_another_frame);
  g_test_add_func("/histories/older-results-of-a-place-are-passed-over",
                  test_older_results_of_a_place_are_passed_over);
  g_test_add_func(
      "/histories/a-frame-without-objects-ends-what-is-known-of-places",
      test_a_frame_without_objects_ends_what_is_known_of_places);
  g_test_add_func("/histories/an-earlier-frame-without-objects-ends-nothing",
                  test_an_earlier_frame_without_objects_ends_nothing);
  g_test_add_func("/histories/they-are-bounded", test_histories_are_bounded);
  g_test_add_func("/histories/cleared-they-know-nothing",
                  test_cleared_histories_know_nothing);
  return g_test_run();
}
