// SPDX-License-Identifier: LGPL-2.1-or-later
// What is held out for validation.
#include "torchclassify/train/split.h"

#include <glib.h>

#include <cmath>
#include <set>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {
namespace fs = std::filesystem;

using support::expect_error;
using torchclassify::ErrorCode;
using torchclassify::split_dataset;

// Class c has c + 1 groups of 5 pictures.
class GroupedSet : public torchclassify::Dataset {
 public:
  GroupedSet() {
    for (int label = 0; label < 6; ++label) {
      classes_.push_back(std::to_string(label));
      for (int group = 0; group <= label; ++group)
        for (int frame = 0; frame < 5; ++frame)
          pictures_.emplace_back(label, group);
    }
  }
  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return pictures_.size(); }
  int label(std::size_t i) const override { return pictures_[i].first; }
  std::string name(std::size_t i) const override { return std::to_string(i); }
  std::string group(std::size_t i) const override {
    return classes_[static_cast<std::size_t>(label(i))] + "/" +
           std::to_string(pictures_[i].second);
  }
  torchclassify::Picture picture(std::size_t) const override { return {}; }

 private:
  std::vector<std::string> classes_;
  std::vector<std::pair<int, int>> pictures_;
};

void test_a_split_never_parts_a_group() {
  const GroupedSet set;

  for (const double share : {0.01, 0.2, 0.5, 1.0}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto split =
          split_dataset(set, {.validation_share = share, .seed = seed});

      std::set<std::string> groups;
      std::set<int> train, validation;
      for (const std::size_t i : split.train) {
        groups.insert(set.group(i));
        train.insert(set.label(i));
      }
      for (const std::size_t i : split.validation) {
        g_assert_false(groups.contains(set.group(i)));
        validation.insert(set.label(i));
      }
      g_assert_cmpuint(split.train.size() + split.validation.size(), ==,
                       set.size());
      g_assert_cmpuint(train.size(), ==, 6);
      g_assert_cmpuint(validation.size(), ==, 5);  // class 0 has one group
    }
  }
}

void test_a_split_depends_on_its_seed_alone() {
  const GroupedSet set;

  const auto one = split_dataset(set, {.validation_share = 0.3, .seed = 1});
  const auto again = split_dataset(set, {.validation_share = 0.3, .seed = 1});
  const auto other = split_dataset(set, {.validation_share = 0.3, .seed = 2});

  g_assert_true(one.validation == again.validation);
  g_assert_false(one.validation == other.validation);
}

void test_a_share_of_zero_holds_nothing_out() {
  const GroupedSet set;

  const auto split = split_dataset(set, {.validation_share = 0, .seed = 1});

  g_assert_true(split.validation.empty());
  g_assert_cmpuint(split.train.size(), ==, set.size());
}

void test_a_share_out_of_range_is_refused() {
  const GroupedSet set;

  for (const double share : {-0.1, 1.1, std::nan("")})
    expect_error(
        ErrorCode::kInvalidArgument,
        [&] { split_dataset(set, {.validation_share = share, .seed = 1}); },
        "share");
}

// Given pictures: label, group, name.
struct Entry {
  int label;
  std::string group;
  std::string name;
};

class ListedSet : public torchclassify::Dataset {
 public:
  explicit ListedSet(std::vector<Entry> entries)
      : entries_(std::move(entries)) {}
  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return entries_.size(); }
  int label(std::size_t i) const override { return entries_[i].label; }
  std::string name(std::size_t i) const override { return entries_[i].name; }
  std::string group(std::size_t i) const override { return entries_[i].group; }
  torchclassify::Picture picture(std::size_t) const override { return {}; }

 private:
  std::vector<std::string> classes_ = {"a", "b", "c"};
  std::vector<Entry> entries_;
};

using Indices = std::vector<std::size_t>;

void test_groups_of_several_classes_stay_whole() {
  std::vector<Entry> entries;
  for (int scene = 0; scene < 12; ++scene) {
    const std::string group = "scene " + std::to_string(scene);
    for (int label = 0; label < 3; ++label) {
      if (label != 2 || scene < 2)  // the last class is rare
        entries.push_back({label, group, ""});
    }
  }
  const ListedSet set(entries);

  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto split =
        split_dataset(set, {.validation_share = 0.25, .seed = seed});

    std::set<std::string> groups;
    std::set<int> train, validation;
    for (const std::size_t i : split.train) {
      groups.insert(set.group(i));
      train.insert(set.label(i));
    }
    for (const std::size_t i : split.validation) {
      g_assert_false(groups.contains(set.group(i)));
      validation.insert(set.label(i));
    }
    g_assert_cmpuint(train.size(), ==, 3);
    g_assert_cmpuint(validation.size(), ==, 3);
    g_assert_cmpuint(groups.size(), ==, 9);
  }
}

void test_pictures_without_groups_are_stratified() {
  std::vector<Entry> entries;
  for (int i = 0; i < 110; ++i)
    entries.push_back({i < 100 ? 0 : 1, std::to_string(i), ""});
  const ListedSet set(entries);

  const auto split = split_dataset(set, {.validation_share = 0.2});

  int rare = 0;
  for (const std::size_t i : split.validation) rare += set.label(i) == 1;
  g_assert_cmpint(rare, ==, 2);
  g_assert_cmpuint(split.validation.size(), ==, 22);
}

// Multi-label sets: -1 is a class of its own.
void test_pictures_without_labels_are_divided_too() {
  std::vector<Entry> entries;
  for (int i = 0; i < 10; ++i) entries.push_back({-1, std::to_string(i), ""});
  const ListedSet set(entries);

  const auto split = split_dataset(set, {.validation_share = 0.3});

  g_assert_cmpuint(split.validation.size(), ==, 3);
}

struct Pattern {
  const char* name;
  const char* regex;
};

constexpr Pattern kPatterns[] = {
    {"first-group", "/([^/]+)_[0-9]+\\.jpg$"},
    {"whole-match", "cam[0-9]+"},
    {"optional-group", "cam[0-9]+(x)?"},
};

void test_a_pattern_makes_the_groups(gconstpointer data) {
  const auto& pattern = *static_cast<const Pattern*>(data);
  const ListedSet set({{0, "1", "set/a/cam1_1.jpg"},
                       {0, "2", "set/a/cam1_2.jpg"},
                       {0, "3", "set/a/cam2_1.jpg"},
                       {0, "4", "set/a/cam2_2.jpg"}});

  const auto split = split_dataset(
      set, {.validation_share = 0.5, .group_regex = pattern.regex});

  g_assert_true(split.validation == Indices({0, 1}) ||
                split.validation == Indices({2, 3}));
  g_assert_cmpuint(split.train.size(), ==, 2);
}

void test_a_pattern_that_is_none_is_refused() {
  const ListedSet set({{0, "1", "a"}});

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { split_dataset(set, {.group_regex = "cam(["}); }, "cam([");
}

void test_a_name_without_a_match_is_refused() {
  const ListedSet set({{0, "1", "cam1.jpg"}, {0, "2", "dog.jpg"}});

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] { split_dataset(set, {.group_regex = "cam[0-9]"}); }, "cam[0-9]",
      "dog.jpg");
}

void test_real_tracks_are_not_parted() {
  const fs::path path = support::real_data_or_skip("gtsrb-mini.tar.xz");
  if (path.empty())
    return;
  const auto set =
      torchclassify::open_dataset(path, "gtsrb", torchclassify::Split::kTrain);

  const auto split = split_dataset(*set, {.validation_share = 0.25});

  std::set<std::string> tracks;
  for (const std::size_t i : split.train) tracks.insert(set->group(i));
  for (const std::size_t i : split.validation)
    g_assert_false(tracks.contains(set->group(i)));
  g_assert_cmpuint(tracks.size(), ==, 43 * 3);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/split/a-split-never-parts-a-group",
                  test_a_split_never_parts_a_group);
  g_test_add_func("/split/a-split-depends-on-its-seed-alone",
                  test_a_split_depends_on_its_seed_alone);
  g_test_add_func("/split/a-share-of-zero-holds-nothing-out",
                  test_a_share_of_zero_holds_nothing_out);
  g_test_add_func("/split/a-share-out-of-range-is-refused",
                  test_a_share_out_of_range_is_refused);
  g_test_add_func("/split/groups-of-several-classes-stay-whole",
                  test_groups_of_several_classes_stay_whole);
  g_test_add_func("/split/pictures-without-groups-are-stratified",
                  test_pictures_without_groups_are_stratified);
  g_test_add_func("/split/pictures-without-labels-are-divided-too",
                  test_pictures_without_labels_are_divided_too);
  support::add_rows("/split/a-pattern-makes-the-groups", kPatterns,
                    test_a_pattern_makes_the_groups);
  g_test_add_func("/split/a-pattern-that-is-none-is-refused",
                  test_a_pattern_that_is_none_is_refused);
  g_test_add_func("/split/a-name-without-a-match-is-refused",
                  test_a_name_without_a_match_is_refused);
  g_test_add_func("/split/real-tracks-are-not-parted",
                  test_real_tracks_are_not_parted);
  return g_test_run();
}
