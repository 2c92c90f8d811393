// SPDX-License-Identifier: LGPL-2.1-or-later
// Sets without a disk: synthetic ones, and those made of other sets.
#include <glib.h>

#include <set>

#include "support/expect_error.h"
#include "support/rows.h"
#include "support/test_files.h"
#include "torchclassify/train/dataset.h"
#include "trainer/made_sets.h"

namespace {

using support::expect_error;
using torchclassify::ErrorCode;
using torchclassify::renamed;
using torchclassify::subset;
using torchclassify::synthetic_dataset;

using Names = std::vector<std::string>;

void test_synthetic_classes_have_a_colour_each() {
  const auto set = synthetic_dataset(200, 100, 8, 6);

  std::set<std::vector<int>> colours;
  for (std::size_t i = 0; i < set->size(); ++i) {
    g_assert_cmpint(set->label(i), ==, static_cast<int>(i / 2));
    const auto picture = set->picture(i);
    g_assert_cmpuint(picture.pixels.size(), ==, 8 * 6 * 3);
    std::vector<int> least(3, 255);
    for (std::size_t k = 0; k < picture.pixels.size(); ++k)
      least[k % 3] = std::min<int>(least[k % 3], picture.pixels[k]);
    for (int& level : least) level = (level + 2) / 12;
    colours.insert(least);
  }
  g_assert_cmpuint(set->classes().size(), ==, 100);
  g_assert_cmpuint(colours.size(), >=, 100);
}

void test_synthetic_pictures_are_always_the_same() {
  const auto one = synthetic_dataset(10, 2, 5, 5);
  const auto other = synthetic_dataset(10, 2, 5, 5);

  g_assert_true(one->picture(3).pixels == other->picture(3).pixels);
  g_assert_false(one->picture(3).pixels == one->picture(4).pixels);
}

struct Bad {
  const char* name;
  std::size_t size;
  int classes, width, height;
};

constexpr Bad kBad[] = {
    {"no-pictures", 0, 1, 8, 8},  {"no-classes", 1, 0, 8, 8},
    {"no-width", 1, 1, 0, 8},     {"negative-height", 1, 1, 8, -1},
    {"too-long", 1, 1, 40000, 1}, {"too-many", 1, 1, 20000, 20000},
};

void test_an_impossible_set_is_refused(gconstpointer data) {
  const auto& bad = *static_cast<const Bad*>(data);

  expect_error(ErrorCode::kInvalidArgument, [&] {
    synthetic_dataset(bad.size, bad.classes, bad.width, bad.height);
  });
}

void test_a_subset_keeps_the_order_of_its_indices() {
  const auto base = synthetic_dataset(10, 10, 2, 2);

  const auto part = subset(*base, {7, 2, 7});

  g_assert_cmpuint(part->size(), ==, 3);
  g_assert_cmpint(part->label(0), ==, 7);
  g_assert_cmpint(part->label(1), ==, 2);
  g_assert_true(part->name(2) == base->name(7));
  g_assert_true(part->picture(1).pixels == base->picture(2).pixels);
}

void test_a_subset_beyond_its_base_is_refused() {
  const auto base = synthetic_dataset(3, 1, 2, 2);

  expect_error(
      ErrorCode::kInvalidArgument,
      [&] {
        subset(*base, {0, 3});
      },
      "below 3");
}

void test_several_labels_survive_both() {
  const support::TemporaryFolder folder;
  support::write_file(folder / "a.ppm", support::kPixel);
  support::write_file(folder / "set.csv",
                      "path,label,group\na.ppm,x,g\na.ppm,x|y,h\n");
  const auto whole =
      renamed(torchclassify::open_dataset(folder / "set.csv", "",
                                          torchclassify::Split::kTrain),
              {"first", "second"});

  const auto part = subset(*whole, {1});

  g_assert_true(part->multi_label());
  g_assert_true(part->labels(0) == std::vector<int>({0, 1}));
  g_assert_true(part->group(0) == "h");
  g_assert_true(part->classes() == Names({"first", "second"}));
  g_assert_true(part->encoded(0).has_value());
}

void test_another_number_of_names_is_refused() {
  expect_error(
      ErrorCode::kInvalidArgument,
      [] {
        renamed(synthetic_dataset(3, 3, 2, 2), {"a", "b"});
      },
      "3 classes, got 2");
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/derived-sets/synthetic-classes-have-a-colour-each",
                  test_synthetic_classes_have_a_colour_each);
  g_test_add_func("/derived-sets/synthetic-pictures-are-always-the-same",
                  test_synthetic_pictures_are_always_the_same);
  support::add_rows("/derived-sets/an-impossible-set-is-refused", kBad,
                    test_an_impossible_set_is_refused);
  g_test_add_func("/derived-sets/a-subset-keeps-the-order-of-its-indices",
                  test_a_subset_keeps_the_order_of_its_indices);
  g_test_add_func("/derived-sets/a-subset-beyond-its-base-is-refused",
                  test_a_subset_beyond_its_base_is_refused);
  g_test_add_func("/derived-sets/several-labels-survive-both",
                  test_several_labels_survive_both);
  g_test_add_func("/derived-sets/another-number-of-names-is-refused",
                  test_another_number_of_names_is_refused);
  return g_test_run();
}
