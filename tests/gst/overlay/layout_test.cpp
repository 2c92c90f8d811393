// SPDX-License-Identifier: LGPL-2.1-or-later
// What is drawn where, with letters as wide as they are high.
#include <glib.h>

#include <cmath>
#include <limits>

#include "layout.h"
#include "support/rows.h"

namespace {

using namespace torchclassify::overlay;

constexpr Canvas kCanvas{640, 480, 1};

TextSize measure(const std::string& text, double size, bool) {
  return {g_utf8_strlen(text.c_str(), -1) * size, size};
}

Finding labelled(std::vector<Label> top) {
  Finding finding;
  finding.said.push_back({{top.front()}, std::move(top)});
  return finding;
}

Finding car(double x, double y, double width, double height) {
  Finding finding;
  finding.box = Box{x, y, width, height, 0};
  finding.kind = "car";
  finding.what = {"car", 90};
  return finding;
}

const std::vector<Label> kTop = {{"cat", 80}, {"dog", 15}, {"cow", 5}};

bool is_inside(const Area& area, const Canvas& canvas) {
  return area.x >= 0 && area.y >= 0 && area.width > 0 && area.height > 0 &&
         area.x + area.width <= canvas.width &&
         area.y + area.height <= canvas.height;
}

void assert_inside(const Drawing& drawing, const Canvas& canvas) {
  for (const Edge& edge : drawing.edges)
    g_assert_true(is_inside(edge.area, canvas));
  for (const Rotated& outline : drawing.rotated)
    g_assert_true(is_inside(outline.area, canvas));
  for (const Panel& panel : drawing.panels)
    g_assert_true(is_inside(panel.area, canvas));
}

// --- rows ---

void test_the_label_and_its_bar_are_one_row(void) {
  const auto rows = rows_of(labelled(kTop), kDrawAll, true, 0);

  g_assert_cmpuint(rows.size(), ==, 3);
  g_assert_cmpstr(rows[0].text.c_str(), ==, "cat");
  g_assert_cmpstr(rows[0].value.c_str(), ==, "80 %");
  g_assert_cmpint(rows[0].percent, ==, 80);
  g_assert_true(rows[0].heading && !rows[1].heading);
  g_assert_cmphex(rows[1].color, ==, color_of("dog"));
}

void test_one_class_needs_no_bar(void) {
  const auto rows = rows_of(labelled({{"cat", 80}}), kDrawAll, true, 0);

  g_assert_cmpint(rows[0].percent, ==, kNoPercent);
}

struct Drawn {
  const char* name;
  unsigned draw;
  std::size_t rows;  // of a frame with three classes
  std::size_t object_rows;
};
constexpr Drawn kDrawn[] = {
    {"nothing", 0, 0, 0},
    {"frame-labels", kDrawFrameLabels, 1, 0},
    {"object-labels", kDrawObjectLabels, 0, 1},
    {"boxes", kDrawBoxes, 0, 0},
    {"bars", kDrawBars, 3, 3},
    {"all", kDrawAll, 3, 3},
};

void test_rows_are_those_of(gconstpointer data) {
  const auto& c = *static_cast<const Drawn*>(data);
  Finding object = labelled(kTop);
  object.box = Box{1, 2, 3, 4, 0};

  g_assert_cmpuint(rows_of(labelled(kTop), c.draw, true, 0).size(), ==, c.rows);
  g_assert_cmpuint(rows_of(object, c.draw, true, 0).size(), ==, c.object_rows);
}

void test_an_object_says_its_class_once(void) {
  Finding finding = car(1, 2, 3, 4);
  finding.said.push_back({{{"car", 70}}, {}});

  const auto rows = rows_of(finding, kDrawAll, true, 0);

  g_assert_cmpuint(rows.size(), ==, 1);
  g_assert_cmpstr(rows[0].text.c_str(), ==, "car");
  g_assert_cmpstr(rows[0].value.c_str(), ==, "70 %");
}

void test_confidences_can_be_left_out(void) {
  const auto rows = rows_of(labelled(kTop), kDrawAll, false, 0);

  g_assert_cmpstr(rows[0].value.c_str(), ==, "");
  g_assert_cmpint(rows[0].percent, ==, 80);
}

void test_a_thousand_classes_are_cut(void) {
  const auto rows =
      rows_of(labelled(std::vector<Label>(1000, {"", 1})), kDrawAll, true, 0);
  std::vector<Label> different;
  for (int i = 0; i < 1000; ++i) different.push_back({std::to_string(i), 0});

  const auto many = rows_of(labelled(different), kDrawAll, true, 0);

  g_assert_cmpuint(rows.size(), ==, 1);
  g_assert_cmpuint(many.size(), ==, kMostRows);
}

// --- outlines ---

struct Place {
  const char* name;
  Box box;
  bool seen;
};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kMax = std::numeric_limits<double>::max();
constexpr Place kPlaces[] = {
    {"inside", {10, 20, 30, 40, 0}, true},
    {"the-whole-frame", {0, 0, 640, 480, 0}, true},
    {"beyond-each-side", {-100, -100, 5000, 5000, 0}, true},
    {"huge", {-1e300, -1e300, 2e300, 2e300, 0}, true},
    {"less-than-a-pixel", {10.2, 10.2, 0.1, 0.1, 0}, true},
    {"in-the-last-pixel", {639.6, 479.6, 5, 5, 0}, true},
    {"rotated", {100, 100, 50, 20, 0.5}, true},
    {"rotated-out-at-a-corner", {-30, -30, 40, 40, 0.7}, true},
    {"left-of-it", {-50, 10, 50, 40, 0}, false},
    {"below-it", {10, 480, 30, 40, 0}, false},
    {"far-away", {1e300, 1e300, 1, 1, 0}, false},
    {"without-a-side", {10, 20, 0, 40, 0}, false},
    {"negative", {10, 20, -30, 40, 0}, false},
    {"not-a-number", {kNan, 20, 30, 40, 0}, false},
    {"not-a-size", {10, 20, 30, kNan, 0}, false},
    {"endless", {10, 20, kInf, 40, 0}, false},
    {"too-large-to-add", {kMax, 20, kMax, 40, 0}, false},
    {"turned-by-no-number", {10, 20, 30, 40, kNan}, false},
};

void test_a_box_is(gconstpointer data) {
  const auto& c = *static_cast<const Place*>(data);
  Finding finding = car(0, 0, 0, 0);
  finding.box = c.box;

  const Drawing drawing = lay_out({finding}, {}, kCanvas, measure);

  assert_inside(drawing, kCanvas);
  g_assert_cmpuint(drawing.panels.size(), ==, c.seen);
  g_assert_cmpuint(drawing.left_out, ==, !c.seen);
  g_assert_true((drawing.edges.size() + drawing.rotated.size() > 0) == c.seen);
}

void test_edges_are_the_sides_of_the_box(void) {
  const Look look{.draw = kDrawBoxes, .line_width = 3};

  const auto edges =
      lay_out({car(10, 20, 30, 40)}, look, kCanvas, measure).edges;

  g_assert_cmpuint(edges.size(), ==, 4);
  g_assert_true(edges[0].area == (Area{10, 20, 30, 3}));
  g_assert_true(edges[1].area == (Area{10, 57, 30, 3}));
  g_assert_true(edges[2].area == (Area{10, 23, 3, 34}));
  g_assert_true(edges[3].area == (Area{37, 23, 3, 34}));
  g_assert_cmphex(edges[0].color, ==, color_of("car"));
}

void test_narrow_pixels_get_wide_lines(void) {
  const Look look{.draw = kDrawBoxes, .line_width = 4};
  const Canvas narrow{640, 480, 0.5};

  const auto edges =
      lay_out({car(10, 20, 90, 40)}, look, narrow, measure).edges;

  g_assert_cmpint(edges[0].area.height, ==, 4);
  g_assert_cmpint(edges[2].area.width, ==, 8);
}

void test_rotated_outlines_have_an_end(void) {
  std::vector<Finding> findings(5, car(0, 0, 640, 480));
  for (Finding& finding : findings) finding.box->rotation = 1;

  const Drawing drawing = lay_out(findings, {}, kCanvas, measure);

  g_assert_cmpuint(drawing.rotated.size(), ==, 2);
  g_assert_cmpuint(drawing.left_out, ==, 3);
}

// --- panels ---

struct Corner {
  const char* name;
  Position position;
  bool right;
  bool bottom;
};
constexpr Corner kCorners[] = {
    {"top-left", Position::kTopLeft, false, false},
    {"top-right", Position::kTopRight, true, false},
    {"bottom-left", Position::kBottomLeft, false, true},
    {"bottom-right", Position::kBottomRight, true, true},
};

void test_frame_labels_are_at_the(gconstpointer data) {
  const auto& c = *static_cast<const Corner*>(data);
  const Look look{.position = c.position, .margin = 20};

  const Drawing drawing =
      lay_out({labelled(kTop), labelled(kTop)}, look, kCanvas, measure);

  const Area& first = drawing.panels.at(0).area;
  const Area& second = drawing.panels.at(1).area;
  g_assert_cmpint(first.x, ==, c.right ? 620 - first.width : 20);
  g_assert_cmpint(first.y, ==, c.bottom ? 460 - first.height : 20);
  if (c.bottom)
    g_assert_cmpint(second.y + second.height, <, first.y);
  else
    g_assert_cmpint(second.y, >, first.y + first.height);
}

void test_text_grows_with_the_frame(void) {
  const auto font_size = [](const Canvas& canvas) {
    return lay_out({labelled(kTop)}, {}, canvas, measure)
        .panels.at(0)
        .lines.at(0)
        .font_size;
  };

  g_assert_cmpfloat(font_size({1920, 1080, 1}), ==, 1080 / 32.0);
  g_assert_cmpfloat(font_size({3840, 2160, 1}), ==, 2160 / 32.0);
  g_assert_cmpfloat(font_size({100, 50, 1}), ==, 13);
  g_assert_cmpfloat(font_size({G_MAXINT, G_MAXINT, 1}), ==, 512);
}

void test_long_text_leaves_room_for_the_value(void) {
  const std::string long_text(200, 'x');

  const Drawing drawing =
      lay_out({labelled({{long_text, 80}, {"y", 9}})}, {}, kCanvas, measure);

  const Panel& panel = drawing.panels.at(0);
  assert_inside(drawing, kCanvas);
  g_assert_cmpfloat(panel.text_width, <, 640);
  g_assert_cmpfloat(panel.value_width, >, 0);
  g_assert_cmpfloat(panel.bar_width, >, 0);
}

void test_a_small_frame_has_text_rather_than_bars(void) {
  const Canvas small{60, 60, 1};

  const Drawing drawing = lay_out({labelled(kTop)}, {}, small, measure);

  assert_inside(drawing, small);
  g_assert_cmpfloat(drawing.panels.at(0).bar_width, ==, 0);
  g_assert_cmpfloat(drawing.panels.at(0).text_width, >, 0);
}

struct Frame {
  const char* name;
  Canvas canvas;
};
constexpr Frame kFrames[] = {
    {"one-pixel", {1, 1, 1}},        {"one-line", {640, 1, 1}},
    {"one-column", {1, 480, 1}},     {"the-largest", {G_MAXINT, G_MAXINT, 1}},
    {"wide-pixels", {640, 480, 10}}, {"narrow-pixels", {640, 480, 0.1}},
};

void test_everything_is_inside(gconstpointer data) {
  const Canvas& canvas = static_cast<const Frame*>(data)->canvas;
  const std::vector<Finding> findings = {
      labelled(kTop), labelled(kTop), car(0, 0, 1e9, 1e9), car(-5, -5, 10, 10),
      car(canvas.width - 1.0, canvas.height - 1.0, 9, 9)};
  const Look wide{.margin = G_MAXINT, .line_width = G_MAXINT};

  assert_inside(lay_out(findings, {}, canvas, measure), canvas);
  assert_inside(lay_out(findings, wide, canvas, measure), canvas);
}

bool overlap(const Area& a, const Area& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
         b.y < a.y + a.height;
}

void test_labels_of_neighbours_do_not_overlap(void) {
  const Drawing drawing =
      lay_out({labelled(kTop), car(20, 20, 100, 100), car(25, 25, 100, 100),
               car(300, 300, 100, 100), car(310, 305, 100, 100),
               car(320, 310, 100, 100)},
              {}, kCanvas, measure);

  for (std::size_t i = 0; i < drawing.panels.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      g_assert_false(overlap(drawing.panels[i].area, drawing.panels[j].area));
  }
}

void test_frame_labels_without_room_are_counted(void) {
  const std::vector<Finding> many(100, labelled(kTop));

  const Drawing drawing = lay_out(many, {}, kCanvas, measure);

  assert_inside(drawing, kCanvas);
  g_assert_cmpuint(drawing.panels.size() + drawing.left_out, ==, 100);
  g_assert_cmpuint(drawing.panels.size(), >, 1);
}

}  // namespace

int main(int argc, char** argv) {
  g_test_init(&argc, &argv, nullptr);
  const auto add = [](const char* name, GTestFunc test) {
    g_autofree char* path = g_strdup_printf("/overlay-layout/%s", name);
    g_test_add_func(path, test);
  };
  add("the-label-and-its-bar-are-one-row",
      test_the_label_and_its_bar_are_one_row);
  add("one-class-needs-no-bar", test_one_class_needs_no_bar);
  support::add_rows("/overlay-layout/rows-are-those-of", kDrawn,
                    test_rows_are_those_of);
  add("an-object-says-its-class-once", test_an_object_says_its_class_once);
  add("confidences-can-be-left-out", test_confidences_can_be_left_out);
  add("a-thousand-classes-are-cut", test_a_thousand_classes_are_cut);
  support::add_rows("/overlay-layout/a-box-is", kPlaces, test_a_box_is);
  add("edges-are-the-sides-of-the-box", test_edges_are_the_sides_of_the_box);
  add("narrow-pixels-get-wide-lines", test_narrow_pixels_get_wide_lines);
  add("rotated-outlines-have-an-end", test_rotated_outlines_have_an_end);
  support::add_rows("/overlay-layout/frame-labels-are-at-the", kCorners,
                    test_frame_labels_are_at_the);
  add("text-grows-with-the-frame", test_text_grows_with_the_frame);
  add("long-text-leaves-room-for-the-value",
      test_long_text_leaves_room_for_the_value);
  add("a-small-frame-has-text-rather-than-bars",
      test_a_small_frame_has_text_rather_than_bars);
  support::add_rows("/overlay-layout/everything-is-inside", kFrames,
                    test_everything_is_inside);
  add("labels-of-neighbours-do-not-overlap",
      test_labels_of_neighbours_do_not_overlap);
  add("frame-labels-without-room-are-counted",
      test_frame_labels_without_room_are_counted);
  return g_test_run();
}
