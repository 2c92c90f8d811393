// SPDX-License-Identifier: LGPL-2.1-or-later
// Rectangles of any numbers become pixels of the frame, or nothing.
#include "classify/region.h"

#include <glib.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/rows.h"

namespace {

using namespace torchclassify;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kHuge = std::numeric_limits<double>::max();
constexpr int kWidth = 16;  // of the frame
constexpr int kHeight = 8;
constexpr Box kNothing = {};

// Of both, the one that is not nothing is the frame's own.
void assert_box(const std::optional<Box>& box, const Box& expected) {
  const Box got = box.value_or(kNothing);
  g_test_message("got: %d,%d %dx%d", got.x, got.y, got.width, got.height);
  g_assert_cmpint(box.has_value(), ==, expected != kNothing);
  g_assert_true(got == expected);
}

struct Rectangle {
  const char* name;
  double x;
  double y;
  double width;
  double height;
  Box expected;
};
constexpr Rectangle kRectangles[] = {
    {"inside", 2, 3, 4, 5, {2, 3, 4, 5}},
    {"the-whole-frame", 0, 0, 16, 8, {0, 0, 16, 8}},
    {"one-pixel-in-the-corner", 15, 7, 1, 1, {15, 7, 1, 1}},
    {"over-the-left-and-top-edge", -2, -3, 4, 5, {0, 0, 2, 2}},
    {"over-the-right-and-bottom-edge", 14, 6, 9, 9, {14, 6, 2, 2}},
    {"around-the-frame", -5, -5, 100, 100, {0, 0, 16, 8}},
    {"of-parts-of-pixels", 1.4, 1.6, 2, 2, {1, 2, 2, 2}},
    {"of-most-of-a-pixel", 3.2, 3.2, 0.6, 0.6, {3, 3, 1, 1}},
    {"of-the-edge-of-a-pixel", 3.6, 3.6, 0.3, 0.3, kNothing},
    {"left-of-the-frame", -9, 0, 9, 8, kNothing},
    {"right-of-the-frame", 16, 0, 4, 4, kNothing},
    {"above-the-frame", 0, -4, 4, 4, kNothing},
    {"below-the-frame", 0, 8, 4, 4, kNothing},
    {"without-width", 2, 2, 0, 4, kNothing},
    {"without-height", 2, 2, 4, 0, kNothing},
    {"of-negative-width", 8, 2, -4, 4, kNothing},
    {"of-negative-height", 8, 6, 4, -4, kNothing},
    {"at-no-number", kNan, 0, 4, 4, kNothing},
    {"below-no-number", 0, kNan, 4, 4, kNothing},
    {"as-wide-as-no-number", 0, 0, kNan, 4, kNothing},
    {"as-high-as-no-number", 0, 0, 4, kNan, kNothing},
    {"at-infinity", kInfinity, 0, 4, 4, kNothing},
    {"at-minus-infinity", -kInfinity, 0, kInfinity, 4, kNothing},
    {"as-wide-as-infinity", 3, 2, kInfinity, 4, {3, 2, 13, 4}},
    {"as-high-as-minus-infinity", 3, 2, 4, -kInfinity, kNothing},
    {"at-huge-numbers", kHuge, kHuge, kHuge, kHuge, kNothing},
    {"around-all-there-is",
     -kHuge / 2,
     -kHuge / 2,
     kHuge,
     kHuge,
     {0, 0, 16, 8}},
    {"as-wide-as-huge-numbers", 0, 0, kHuge, kHuge, {0, 0, 16, 8}},
    {"beyond-32-bits", 5, 5, 4294967296.0, 4294967296.0, {5, 5, 11, 3}},
    {"at-an-unsigned-minus-one", 4294967295.0, 0, 8, 8, kNothing},
};

void test_a_rectangle_is_clipped(gconstpointer data) {
  const auto& c = *static_cast<const Rectangle*>(data);

  const auto box = clip_to_frame(c.x, c.y, c.width, c.height, kWidth, kHeight);

  assert_box(box, c.expected);
}

void test_no_frame_has_no_pixels(void) {
  assert_box(clip_to_frame(0, 0, 4, 4, 0, 0), kNothing);
}

struct Turned {
  const char* name;
  double x;
  double y;
  double width;
  double height;
  double rotation;
  Box expected;
};
constexpr double kPi = std::numbers::pi;
// Two by six about 8,4.
constexpr Turned kTurned[] = {
    {"not", 7, 1, 2, 6, 0, {7, 1, 2, 6}},
    {"by-a-quarter", 7, 1, 2, 6, kPi / 2, {5, 3, 6, 2}},
    {"back-by-a-quarter", 7, 1, 2, 6, -kPi / 2, {5, 3, 6, 2}},
    {"by-a-half", 7, 1, 2, 6, kPi, {7, 1, 2, 6}},
    // 8 / sqrt(2) = 5.66 in both directions.
    {"by-an-eighth", 7, 1, 2, 6, kPi / 4, {5, 1, 6, 6}},
    {"out-of-the-frame", 14, 1, 2, 6, kPi / 2, {12, 3, 4, 2}},
    {"beside-the-frame", 40, 1, 2, 6, kPi / 4, kNothing},
    // The rectangle around it reaches into the frame, itself it does not.
    {"past-the-corner", 15, -7, 2, 6, kPi / 4, kNothing},
    {"by-no-number", 7, 1, 2, 6, kNan, kNothing},
    {"by-infinity", 7, 1, 2, 6, kInfinity, kNothing},
    {"without-width", 7, 1, 0, 6, 1, kNothing},
    {"of-negative-height", 7, 1, 2, -6, 1, kNothing},
    {"of-no-width", 7, 1, kNan, 6, 1, kNothing},
    {"of-infinite-width", 7, 1, kInfinity, 6, 1, kNothing},
    {"of-huge-width", 7, 1, kHuge, kHuge, 1, kNothing},
};

template <typename Row>
Object turned_object(const Row& row) {
  Object object;
  object.x = row.x;
  object.y = row.y;
  object.width = row.width;
  object.height = row.height;
  object.rotation = row.rotation;
  return object;
}

void test_a_turned_object_has_an_upright_box(gconstpointer data) {
  const auto& c = *static_cast<const Turned*>(data);
  const Object object = turned_object(c);

  const auto cutout = cut_out(object, kWidth, kHeight);

  assert_box(cutout ? std::optional(cutout->box) : std::nullopt, c.expected);
}

struct Cut {
  const char* name;
  double x;
  double y;
  double width;
  double height;
  double rotation;
  TurnedBox expected;
};
constexpr double kDiagonal = std::numbers::sqrt2 / 2;
constexpr Cut kCuts[] = {
    {"inside", 7, 1, 2, 6, kPi / 2, {8, 4, 2, 6, kPi / 2}},
    {"inside-by-an-eighth", 7, 1, 2, 6, kPi / 4, {8, 4, 2, 6, kPi / 4}},
    // Turned, it lies from 12 to 18 across: 2 of its 6 are cut off its top.
    {"at-the-right", 14, 1, 2, 6, kPi / 2, {14, 4, 2, 4, kPi / 2}},
    // A square about the corner 0,0: a triangle is inside, which needs all of
    // its lower half along the diagonal.
    {"at-a-corner",
     -4,
     -4,
     8,
     8,
     kPi / 4,
     {2 * kDiagonal, 2 * kDiagonal, 4, 8, kPi / 4}},
    {"far-larger-than-the-frame",
     8 - 5e8,
     4 - 5e8,
     1e9,
     1e9,
     kPi / 2,
     {8, 4, 8, 16, kPi / 2}},
};

void test_a_turned_object_is_cut_at_its_sides(gconstpointer data) {
  const auto& c = *static_cast<const Cut*>(data);
  const Object object = turned_object(c);

  const auto cutout = cut_out(object, kWidth, kHeight);

  g_assert_true(cutout.has_value());
  const auto& turned = cutout->turned;
  g_assert_true(turned.has_value());
  g_assert_cmpfloat_with_epsilon(turned->center_x, c.expected.center_x, 1e-6);
  g_assert_cmpfloat_with_epsilon(turned->center_y, c.expected.center_y, 1e-6);
  g_assert_cmpfloat_with_epsilon(turned->width, c.expected.width, 1e-6);
  g_assert_cmpfloat_with_epsilon(turned->height, c.expected.height, 1e-6);
  g_assert_cmpfloat(turned->rotation, ==, c.rotation);
}

void test_an_upright_object_is_not_turned(void) {
  Object object;
  object.width = 4;
  object.height = 4;

  const auto cutout = cut_out(object, kWidth, kHeight);

  g_assert_true(cutout.has_value());
  g_assert_false(cutout->turned.has_value());
}

constexpr int kMost = std::numeric_limits<int>::max();
struct Pair {
  const char* name;
  Box a;
  Box b;
  double expected;
};
constexpr Pair kPairs[] = {
    {"the-same", {1, 2, 3, 4}, {1, 2, 3, 4}, 1},
    {"a-half-inside", {0, 0, 4, 2}, {0, 0, 2, 2}, 0.5},
    {"a-third", {0, 0, 4, 2}, {2, 0, 4, 2}, 1.0 / 3},
    {"one-pixel-of-seven", {0, 0, 2, 2}, {1, 1, 2, 2}, 1.0 / 7},
    {"side-by-side", {0, 0, 2, 2}, {2, 0, 2, 2}, 0},
    {"one-above-the-other", {0, 0, 2, 2}, {0, 2, 2, 2}, 0},
    {"far-apart", {0, 0, 2, 2}, {100, 100, 2, 2}, 0},
    {"nothing", {}, {}, 0},
    {"the-largest-there-are", {0, 0, kMost, kMost}, {0, 0, kMost, kMost}, 1},
    {"beyond-the-largest", {kMost, 0, kMost, 1}, {kMost, 0, kMost, 1}, 1},
};

void test_overlap_is_the_shared_part(gconstpointer data) {
  const auto& c = *static_cast<const Pair*>(data);

  g_assert_cmpfloat_with_epsilon(overlap(c.a, c.b), c.expected, 1e-9);
  g_assert_cmpfloat_with_epsilon(overlap(c.b, c.a), c.expected, 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  support::add_rows("/region/a-rectangle-is-clipped", kRectangles,
                    test_a_rectangle_is_clipped);
  g_test_add_func("/region/no-frame-has-no-pixels",
                  test_no_frame_has_no_pixels);
  support::add_rows("/region/a-turned-object-has-an-upright-box", kTurned,
                    test_a_turned_object_has_an_upright_box);
  support::add_rows("/region/a-turned-object-is-cut-at-its-sides", kCuts,
                    test_a_turned_object_is_cut_at_its_sides);
  g_test_add_func("/region/an-upright-object-is-not-turned",
                  test_an_upright_object_is_not_turned);
  support::add_rows("/region/overlap-is-the-shared-part", kPairs,
                    test_overlap_is_the_shared_part);
  return g_test_run();
}
