// SPDX-License-Identifier: LGPL-2.1-or-later
// What a data set's summary counts, and what it finds.
#include <glib.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "made_dataset.h"
#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset_summary.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using support::flat;
using support::MadeDataset;
using support::MadePicture;
using support::noise;
using support::TemporaryFolder;
using torchclassify::DatasetSummary;
using torchclassify::Error;
using torchclassify::ErrorCode;
using torchclassify::Picture;
using torchclassify::Split;
using torchclassify::summarise;
using torchclassify::SummaryOptions;
using torchclassify::Suspicion;

DatasetSummary of_one(const MadeDataset& set,
                      const SummaryOptions& options = {}) {
  return summarise({{Split::kTrain, &set}}, options);
}

DatasetSummary of_two(const MadeDataset& train, const MadeDataset& test,
                      const SummaryOptions& options = {}) {
  return summarise({{Split::kTrain, &train}, {Split::kTest, &test}}, options);
}

void assert_near(double got, double expected) {
  if (std::abs(got - expected) > 1e-6)
    g_error("expected %.9g, got %.9g", expected, got);
}

void test_pictures_are_counted_by_class_and_part() {
  const MadeDataset train(
      {"a", "b"},
      {{noise(1), {0}}, {noise(2), {0}}, {noise(3), {0}}, {noise(4), {1}}});
  const MadeDataset test({"a", "b"}, {{noise(5), {1}}});

  const auto summary = of_two(train, test);

  g_assert_true(summary.parts[0].per_class == std::vector<std::size_t>({3, 1}));
  g_assert_true(summary.parts[1].per_class == std::vector<std::size_t>({0, 1}));
  g_assert_cmpuint(summary.parts[0].pictures, ==, 4);
  g_assert_true(summary.parts[1].part == Split::kTest);
  assert_near(summary.parts[0].imbalance_ratio, 3);
  assert_near(summary.parts[1].imbalance_ratio, 1);  // of those that are there
}

void test_classes_are_the_same_by_name_in_all_parts() {
  const MadeDataset train({"a", "c"}, {{noise(1), {1}}});
  const MadeDataset test({"b", "c"}, {{noise(2), {1}}, {noise(3), {0}}});

  const auto summary = of_two(train, test);

  g_assert_true(summary.classes == std::vector<std::string>({"a", "c", "b"}));
  g_assert_true(summary.parts[0].per_class ==
                std::vector<std::size_t>({0, 1, 0}));
  g_assert_true(summary.parts[1].per_class ==
                std::vector<std::size_t>({0, 1, 1}));
}

void test_sizes_have_their_extremes_and_their_middle() {
  const MadeDataset set({"a"}, {{noise(1, 20, 90), {0}},
                                {noise(2, 40, 80), {0}},
                                {noise(3, 30, 70), {0}},
                                {noise(4, 50, 60), {0}}});

  const auto summary = of_one(set);

  g_assert_cmpint(summary.width.min, ==, 20);
  g_assert_cmpint(summary.width.median, ==, 30);
  g_assert_cmpint(summary.width.max, ==, 50);
  g_assert_cmpint(summary.height.median, ==, 70);
}

// One picture of 0 and one of 51 / 255 = 0.2, much larger: mean 0.1, deviation
// 0.1.
void test_each_picture_counts_the_same_for_mean_and_deviation() {
  const MadeDataset set({"a"}, {{flat(20, 20, {0, 0, 255}), {0}},
                                {flat(90, 60, {51, 0, 255}), {0}}});

  const auto summary = of_one(set);

  g_assert_cmpuint(summary.mean.size(), ==, 3);
  const double means[] = {0.1, 0, 1}, deviations[] = {0.1, 0, 0};
  for (std::size_t i = 0; i < 3; ++i) {
    assert_near(summary.mean[i], means[i]);
    assert_near(summary.deviation[i], deviations[i]);
  }
}

void test_grey_pictures_have_one_mean() {
  Picture picture{.width = 20, .height = 20, .channels = 1};
  picture.pixels.assign(400, 0);
  std::fill_n(picture.pixels.begin(), 100, 255);
  const MadeDataset set({"a"}, {{picture, {0}}});

  const auto summary = of_one(set);

  g_assert_cmpuint(summary.mean.size(), ==, 1);
  assert_near(summary.mean[0], 0.25);
  assert_near(summary.deviation[0], std::sqrt(0.25 - 0.0625));
  g_assert_cmpuint(summary.kinds.at("grey"), ==, 1);
}

void test_the_same_pixels_are_duplicates() {
  const MadeDataset set(
      {"a"},
      {{noise(1), {0}}, {noise(2), {0}}, {noise(1), {0}}, {noise(1), {0}}});

  const auto summary = of_one(set);

  g_assert_cmpuint(summary.duplicates.count, ==, 1);
  const auto& found = summary.duplicates.listed[0];
  g_assert_cmpuint(found.pictures.size(), ==, 3);
  g_assert_cmpuint(found.pictures[2].index, ==, 3);
  g_assert_false(found.across_parts);
  g_assert_false(found.label_conflict);
  g_assert_cmpuint(summary.duplicates_across_parts, ==, 0);
}

void test_the_same_bytes_in_another_shape_are_no_duplicates() {
  Picture wide = noise(1, 40, 20), high = wide;
  std::swap(high.width, high.height);
  const MadeDataset set({"a"}, {{wide, {0}}, {high, {0}}});

  const auto summary = of_one(set);

  g_assert_cmpuint(summary.duplicates.count, ==, 0);
}

void test_duplicates_across_parts_and_of_other_labels_are_told_apart() {
  const MadeDataset train({"a", "b"}, {{noise(1), {0}}, {noise(2), {0}}});
  const MadeDataset test({"b", "a"}, {{noise(1), {1}}, {noise(2), {0}}});

  const auto summary = of_two(train, test);

  g_assert_cmpuint(summary.duplicates_across_parts, ==, 2);
  g_assert_cmpuint(summary.label_conflicts, ==, 1);
  g_assert_false(summary.duplicates.listed[0].label_conflict);
  g_assert_true(summary.duplicates.listed[1].label_conflict);
}

Picture brighter(Picture picture, int by) {
  for (auto& value : picture.pixels)
    value = static_cast<std::uint8_t>(std::min(255, value + by));
  return picture;
}

void test_pictures_of_two_parts_that_look_alike_are_found() {
  const MadeDataset train({"a"}, {{noise(1), {0}}, {noise(2), {0}}});
  const MadeDataset test({"a"},
                         {{noise(3), {0}}, {brighter(noise(2), 2), {0}}});

  const auto summary = of_two(train, test);

  g_assert_cmpuint(summary.near_duplicates.count, ==, 1);
  g_assert_cmpuint(summary.near_duplicates.listed[0].first.index, ==, 1);
  g_assert_cmpuint(summary.near_duplicates.listed[0].second.index, ==, 1);
}

struct NoNearDuplicates {
  const char* name;
  Picture first, second;
  int distance;
};

const NoNearDuplicates kNoNearDuplicates[] = {
    {"of-the-same-pixels", noise(1), noise(1), 3},
    {"of-flat-pictures", flat(20, 20, {9, 9, 9}), flat(20, 20, {8, 8, 8}), 3},
    {"of-another-brightness", noise(1), brighter(noise(1), 40), 3},
    {"of-other-pictures", noise(1), noise(2), 3},
    {"if-none-are-wanted", noise(1), brighter(noise(1), 2), -1}};

void test_there_are_no_near_duplicates(gconstpointer data) {
  const auto& pair = *static_cast<const NoNearDuplicates*>(data);
  const MadeDataset train({"a"}, {{pair.first, {0}}});
  const MadeDataset test({"a"}, {{pair.second, {0}}});

  const auto summary = of_two(train, test, {.near_distance = pair.distance});

  g_assert_cmpuint(summary.near_duplicates.count, ==, 0);
}

void test_a_group_in_two_parts_is_a_leak() {
  const MadeDataset train(
      {"a"},
      {{noise(1), {0}, "g"}, {noise(2), {0}, "g"}, {noise(3), {0}, "h"}});
  const MadeDataset test({"a"}, {{noise(4), {0}, "g"}, {noise(5), {0}}});

  const auto summary = of_two(train, test);

  g_assert_cmpuint(summary.group_leaks.count, ==, 1);
  const auto& leak = summary.group_leaks.listed[0];
  g_assert_true(leak.group == "g");
  g_assert_cmpuint(leak.pictures.at(Split::kTrain), ==, 2);
  g_assert_cmpuint(leak.pictures.at(Split::kTest), ==, 1);
}

// Both parts call their first picture "picture 0": that is no group.
void test_pictures_without_groups_do_not_leak() {
  const MadeDataset train({"a"}, {{noise(1), {0}}});
  const MadeDataset test({"a"}, {{noise(2), {0}}});

  g_assert_cmpuint(of_two(train, test).group_leaks.count, ==, 0);
}

void test_labels_that_come_together_are_counted() {
  MadeDataset set({"a", "b", "c"}, {{noise(1), {0, 1}},
                                    {noise(2), {0, 1, 2}},
                                    {noise(3), {}},
                                    {noise(4), {2}}});
  set.make_multi_label();

  const auto summary = of_one(set);

  g_assert_true(summary.multi_label);
  g_assert_cmpuint(summary.parts[0].unlabelled, ==, 1);
  g_assert_true(summary.parts[0].per_class ==
                std::vector<std::size_t>({2, 2, 2}));
  g_assert_cmpuint(summary.co_occurrence.size(), ==, 3);
  g_assert_cmpint(summary.co_occurrence[0].first, ==, 0);
  g_assert_cmpint(summary.co_occurrence[0].second, ==, 1);
  g_assert_cmpuint(summary.co_occurrence[0].pictures, ==, 2);
}

void test_a_picture_that_cannot_be_read_is_a_finding() {
  const MadeDataset set({"a"},
                        {{noise(1), {0}},
                         {.labels = {0}, .failure = ErrorCode::kBadData},
                         {.labels = {0}, .failure = ErrorCode::kNotFound}});

  const auto summary = of_one(set);

  g_assert_cmpuint(summary.parts[0].pictures, ==, 3);
  g_assert_cmpuint(summary.parts[0].unreadable, ==, 2);
  g_assert_cmpuint(summary.unreadable.count, ==, 2);
  g_assert_true(summary.unreadable.listed[0].picture.name == "picture 1");
  g_assert_true(summary.unreadable.listed[0].reason == "it is broken");
  g_assert_cmpuint(summary.duplicates.count, ==, 0);
}

void test_a_set_of_unreadable_pictures_has_no_sizes() {
  const MadeDataset set({"a"},
                        {{.labels = {0}, .failure = ErrorCode::kBadData}});

  const auto summary = of_one(set);

  g_assert_cmpint(summary.width.max, ==, 0);
  g_assert_true(summary.mean.empty());
}

struct Suspect {
  const char* name;
  Picture picture;
  Suspicion suspicion;
};

const Suspect kSuspects[] = {
    {"tiny", noise(1, 11, 20), Suspicion::kTiny},
    {"flat", flat(20, 20, {7, 8, 9}), Suspicion::kFlat},
    {"aspect", noise(1, 101, 20), Suspicion::kAspect},
    {"huge", noise(1, 5001, 5000), Suspicion::kHuge}};

void test_suspicious_pictures_are_named(gconstpointer data) {
  const auto& suspect = *static_cast<const Suspect*>(data);
  const MadeDataset set({"a"}, {{noise(9), {0}}, {suspect.picture, {0}}});

  const auto summary = of_one(set);

  g_assert_cmpuint(summary.suspicious.count, ==, 1);
  g_assert_cmpuint(summary.suspicious.listed[0].picture.index, ==, 1);
  g_assert_true(summary.suspicious.listed[0].suspicion == suspect.suspicion);
}

void test_pictures_at_the_limits_are_not_suspicious() {
  const MadeDataset set({"a"}, {{noise(1, 12, 12), {0}},
                                {noise(2, 100, 20), {0}},
                                {noise(3, 5000, 5000), {0}}});

  g_assert_cmpuint(of_one(set).suspicious.count, ==, 0);
}

void test_more_findings_than_are_listed_are_counted() {
  std::vector<MadePicture> pictures;
  for (int i = 0; i < 500; ++i)
    pictures.push_back({.labels = {0}, .failure = ErrorCode::kBadData});
  const MadeDataset set({"a"}, pictures);

  const auto summary = of_one(set, {.threads = 4, .most_listed = 3});

  g_assert_cmpuint(summary.unreadable.count, ==, 500);
  g_assert_cmpuint(summary.unreadable.listed.size(), ==, 3);
  for (std::size_t i = 0; i < 3; ++i)
    g_assert_cmpuint(summary.unreadable.listed[i].picture.index, ==, i);
}

void test_threads_change_nothing() {
  std::vector<MadePicture> pictures;
  for (unsigned i = 0; i < 200; ++i)
    pictures.push_back({noise(i % 150, 9 + i % 7, 20), {0}});
  const MadeDataset set({"a"}, pictures);

  const auto one = to_json(of_one(set, {.threads = 1}));
  const auto many = to_json(of_one(set, {.threads = 8}));

  g_assert_true(one == many);
}

void test_progress_ends_with_all_pictures_or_throws_through() {
  std::vector<MadePicture> pictures(50, {noise(1), {0}});
  const MadeDataset set({"a"}, pictures);
  std::size_t last = 0;

  of_one(set, {.progress = [&](std::size_t done, std::size_t total) {
           g_assert_cmpuint(done, >=, last);
           g_assert_cmpuint(total, ==, 50);
           last = done;
         }});
  g_assert_cmpuint(last, <=, 50);

  expect_error(ErrorCode::kCannotWrite, [&] {
    of_one(set, {.progress = [](std::size_t, std::size_t) {
             throw Error(ErrorCode::kCannotWrite, "no room");
           }});
  });
}

void test_other_failures_than_a_pictures_end_the_work() {
  const MadeDataset set(
      {"a"},
      {{noise(1), {0}}, {.labels = {0}, .failure = ErrorCode::kOutOfMemory}});

  expect_error(
      ErrorCode::kOutOfMemory, [&] { of_one(set); }, "picture 1");
}

void test_wrong_options_are_refused() {
  const MadeDataset set({"a"}, {{noise(1), {0}}});

  expect_error(
      ErrorCode::kInvalidArgument, [&] { of_one(set, {.threads = -1}); }, "-1");
  expect_error(ErrorCode::kInvalidArgument,
               [] { summarise(std::vector<torchclassify::DatasetPart>()); });
}

void test_the_json_has_these_names() {
  const MadeDataset set({"a"}, {{noise(1), {0}}, {noise(1), {0}}});

  const auto json = nlohmann::json::parse(to_json(of_one(set)));

  for (const char* key :
       {"layout", "multi_label", "pictures", "classes", "parts", "width",
        "height", "kinds", "file_bytes", "mean", "std", "unreadable",
        "suspicious", "duplicates", "near_duplicates", "group_leaks",
        "co_occurrence"})
    g_assert_true(json.contains(key));
  g_assert_cmpuint(json.size(), ==, 17);
  g_assert_cmpint(json["parts"][0]["per_class"][0].get<int>(), ==, 2);
  g_assert_true(json["duplicates"]["listed"][0]["pictures"][1]["path"] ==
                "picture 1");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/summary/pictures-are-counted-by-class-and-part",
                  test_pictures_are_counted_by_class_and_part);
  g_test_add_func("/summary/classes-are-the-same-by-name-in-all-parts",
                  test_classes_are_the_same_by_name_in_all_parts);
  g_test_add_func("/summary/sizes-have-their-extremes-and-their-middle",
                  test_sizes_have_their_extremes_and_their_middle);
  g_test_add_func(
      "/summary/each-picture-counts-the-same-for-mean-and-deviation",
      test_each_picture_counts_the_same_for_mean_and_deviation);
  g_test_add_func("/summary/grey-pictures-have-one-mean",
                  test_grey_pictures_have_one_mean);
  g_test_add_func("/summary/the-same-pixels-are-duplicates",
                  test_the_same_pixels_are_duplicates);
  g_test_add_func("/summary/the-same-bytes-in-another-shape-are-no-duplicates",
                  test_the_same_bytes_in_another_shape_are_no_duplicates);
  g_test_add_func(
      "/summary/duplicates-across-parts-and-of-other-labels-are-told-apart",
      test_duplicates_across_parts_and_of_other_labels_are_told_apart);
  g_test_add_func("/summary/pictures-of-two-parts-that-look-alike-are-found",
                  test_pictures_of_two_parts_that_look_alike_are_found);
  support::add_rows("/summary/there-are-no-near-duplicates", kNoNearDuplicates,
                    test_there_are_no_near_duplicates);
  g_test_add_func("/summary/a-group-in-two-parts-is-a-leak",
                  test_a_group_in_two_parts_is_a_leak);
  g_test_add_func("/summary/pictures-without-groups-do-not-leak",
                  test_pictures_without_groups_do_not_leak);
  g_test_add_func("/summary/labels-that-come-together-are-counted",
                  test_labels_that_come_together_are_counted);
  g_test_add_func("/summary/a-picture-that-cannot-be-read-is-a-finding",
                  test_a_picture_that_cannot_be_read_is_a_finding);
  g_test_add_func("/summary/a-set-of-unreadable-pictures-has-no-sizes",
                  test_a_set_of_unreadable_pictures_has_no_sizes);
  support::add_rows("/summary/suspicious-pictures-are-named", kSuspects,
                    test_suspicious_pictures_are_named);
  g_test_add_func("/summary/pictures-at-the-limits-are-not-suspicious",
                  test_pictures_at_the_limits_are_not_suspicious);
  g_test_add_func("/summary/more-findings-than-are-listed-are-counted",
                  test_more_findings_than_are_listed_are_counted);
  g_test_add_func("/summary/threads-change-nothing",
                  test_threads_change_nothing);
  g_test_add_func("/summary/progress-ends-with-all-pictures-or-throws-through",
                  test_progress_ends_with_all_pictures_or_throws_through);
  g_test_add_func("/summary/other-failures-than-a-pictures-end-the-work",
                  test_other_failures_than_a_pictures_end_the_work);
  g_test_add_func("/summary/wrong-options-are-refused",
                  test_wrong_options_are_refused);
  g_test_add_func("/summary/the-json-has-these-names",
                  test_the_json_has_these_names);
  return g_test_run();
}
