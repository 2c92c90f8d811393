// SPDX-License-Identifier: LGPL-2.1-or-later
// Each property of torchoverlay: what it does, and what nonsense does.
#include "harness.h"
#include "result_metas.h"
#include "support/rows.h"

namespace {

using namespace support;

constexpr Region kCar = {"car", 100, 80, 100, 80, 0.9, "", 0};

Result cat() {
  Result result;
  result.label = "cat";
  result.confidence = 0.6;
  result.top = {{"cat", 0.6, true, 0}, {"dog", 0.3, false, 1}};
  return result;
}

GstBuffer* labelled(const Result& result = cat()) {
  GstBuffer* buffer = black_frame();
  put_results(buffer, {result});
  return buffer;
}

GstBuffer* with(const Region& region) {
  GstBuffer* buffer = black_frame();
  put_region(buffer, region);
  return buffer;
}

Buffer drawn(const std::string& properties, GstBuffer* buffer) {
  return Overlay(properties).pass(buffer);
}

// --- what they do ---

void test_draw_chooses_what_is_drawn(void) {
  const Buffer all = drawn("", with(kCar));
  const Buffer boxes = drawn("draw=boxes", with(kCar));
  const Buffer labels = drawn("draw=object-labels", with(kCar));

  // The sides of the box, two pixels wide, and its label above it.
  g_assert_cmpint(lit(boxes), ==, 100 * 80 - 96 * 76);
  g_assert_cmpint(lit(boxes.get(), 100, 0, 100, 80), ==, 0);
  g_assert_cmpint(lit(labels.get(), 100, 82, 100, 78), ==, 0);
  g_assert_cmpint(lit(labels.get(), 100, 50, 100, 30), >, 200);
  g_assert_cmpint(lit(all), ==, lit(boxes) + lit(labels));
}

void test_nothing_to_draw_leaves_frames_alone(void) {
  const Overlay overlay("draw=0");

  const Buffer frame = overlay.pass(with(kCar));

  g_assert_cmpint(lit(frame), ==, 0);
  g_assert_cmpuint(overlay.counter("drawn"), ==, 0);
}

void test_bars_can_be_left_out(void) {
  const Buffer with_bars = drawn("", labelled());
  const Buffer without = drawn("draw=frame-labels", labelled());

  g_assert_cmpint(lit(without), <, lit(with_bars));
}

void test_font_desc_gives_the_size(void) {
  const Buffer small = drawn("font-desc=\"Sans 10px\"", labelled());
  const Buffer large = drawn("font-desc=\"Sans 40px\"", labelled());

  g_assert_cmpint(lit(small), >, 20);
  g_assert_cmpint(lit(large), >, 2 * lit(small));
}

struct Corner {
  const char* name;
  int x;
  int y;
};
constexpr Corner kCorners[] = {
    {"top-left", 0, 0},
    {"top-right", 160, 0},
    {"bottom-left", 0, 120},
    {"bottom-right", 160, 120},
};

void test_position_is(gconstpointer data) {
  const auto& c = *static_cast<const Corner*>(data);

  const Buffer frame = drawn(std::string("position=") + c.name, labelled());

  g_assert_cmpint(lit(frame), >, 50);
  g_assert_cmpint(lit(frame.get(), c.x, c.y, 160, 120), ==, lit(frame));
}

void test_margin_stays_free(void) {
  const Buffer frame = drawn("margin=30", labelled());

  g_assert_cmpint(lit(frame.get(), 0, 0, kWidth, 30), ==, 0);
  g_assert_cmpint(lit(frame.get(), 0, 0, 30, kHeight), ==, 0);
  g_assert_cmpint(lit(frame.get(), 30, 30, 40, 40), >, 50);
}

int brightness(const Buffer& frame, int x, int y) {
  guint8 value = 0;
  gst_buffer_extract(frame.get(), gsize{kWidth} * y + x, &value, 1);
  return value;
}

void test_color_is_that_of_every_class(void) {
  const Buffer white = drawn("color=0xffffffff", with(kCar));
  const Buffer blue = drawn("color=0xff0000ff", with(kCar));

  g_assert_cmpint(brightness(white, 100, 100), ==, 255);
  g_assert_cmpint(brightness(blue, 100, 100), ==, 29);
}

void test_line_width_is_that_of_boxes(void) {
  const Buffer frame = drawn("draw=boxes line-width=7", with(kCar));

  g_assert_cmpint(lit(frame), ==, 100 * 80 - 86 * 66);
}

void test_show_confidence_writes_percent(void) {
  const Buffer with_percent = drawn("draw=frame-labels", labelled());
  const Buffer without =
      drawn("draw=frame-labels show-confidence=false", labelled());

  g_assert_cmpint(lit(without), <, lit(with_percent));
}

void test_show_unknown_draws_unknown(void) {
  Result result = cat();
  result.label = "unknown";
  result.label_id = -1;

  g_assert_cmpint(lit(drawn("", labelled(result))), ==, 0);
  g_assert_cmpint(lit(drawn("show-unknown=true", labelled(result))), >, 50);
}

void test_min_confidence_leaves_doubt_out(void) {
  g_assert_cmpint(lit(drawn("min-confidence=0.6", labelled())), >, 50);
  g_assert_cmpint(lit(drawn("min-confidence=0.61", labelled())), ==, 0);
  g_assert_cmpint(lit(drawn("min-confidence=0.91", with(kCar))), ==, 0);
}

void test_expire_leaves_old_labels_out(void) {
  Result result = cat();
  result.age = 2 * GST_SECOND;

  g_assert_cmpint(lit(drawn("", labelled(result))), >, 50);
  g_assert_cmpint(lit(drawn("expire=2000000000", labelled(result))), >, 50);
  g_assert_cmpint(lit(drawn("expire=1999999999", labelled(result))), ==, 0);
}

void test_stats_tell_of_times(void) {
  const Overlay overlay;

  overlay.pass(labelled());

  g_assert_cmpuint(overlay.counter("render-time"), >, 0);
  g_assert_cmpuint(overlay.counter("frame-time"), >,
                   overlay.counter("render-time"));
}

void test_properties_may_change_while_it_plays(void) {
  const Overlay overlay;
  const Buffer before = overlay.pass(labelled());
  g_object_set(overlay.element(), "font-desc", "Sans 40px", nullptr);

  const Buffer after = overlay.pass(labelled());

  g_assert_cmpint(lit(after), >, 2 * lit(before));
}

// --- what nonsense does ---

struct Nonsense {
  const char* name;  // of the property
  const char* properties;
};
constexpr Nonsense kNonsense[] = {
    {"font-desc", "font-desc=\"\x01%s;;, 99999999px\""},
    {"margin", "margin=2147483647"},
    {"color", "color=0x00000001"},  // no alpha: it is opaque all the same
    {"line-width", "line-width=2147483647"},
    {"expire", "expire=18446744073709551615"},
    {"show-confidence", "show-confidence=false min-confidence=0"},
};

void test_nonsense_is_drawn_inside(gconstpointer data) {
  const auto& c = *static_cast<const Nonsense*>(data);
  GstBuffer* buffer = with(kCar);
  put_results(buffer, {cat()});

  const Buffer frame = drawn(c.properties, buffer);

  g_assert_cmpint(lit(frame), >, 50);
}

struct Refused {
  const char* name;  // of the property
  const char* value;
};
constexpr Refused kRefused[] = {
    {"draw", "everything"},       {"position", "middle"},
    {"min-confidence", "1.5"},    {"min-confidence", "-0.1"},
    {"line-width", "4294967295"}, {"margin", "4294967295"},
    {"show-unknown", "perhaps"},  {"color", "red"},
    {"expire", "soon"},           {"stats", "stats, frames=1"},
};

void test_a_value_is_refused(gconstpointer data) {
  const auto& c = *static_cast<const Refused*>(data);
  const Overlay overlay;
  GParamSpec* spec = g_object_class_find_property(
      G_OBJECT_GET_CLASS(overlay.element()), c.name);
  g_auto(GValue) value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);

  const bool writable = spec->flags & G_PARAM_WRITABLE;
  const bool read = gst_value_deserialize_with_pspec(&value, c.value, spec);
  const bool changed = read && g_param_value_validate(spec, &value);

  g_assert_true(!writable || !read || changed);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  const auto add = [](const char* name, GTestFunc test) {
    g_autofree char* path = g_strdup_printf("/overlay-properties/%s", name);
    g_test_add_func(path, test);
  };
  add("draw-chooses-what-is-drawn", test_draw_chooses_what_is_drawn);
  add("nothing-to-draw-leaves-frames-alone",
      test_nothing_to_draw_leaves_frames_alone);
  add("bars-can-be-left-out", test_bars_can_be_left_out);
  add("font-desc-gives-the-size", test_font_desc_gives_the_size);
  add_rows("/overlay-properties/position-is", kCorners, test_position_is);
  add("margin-stays-free", test_margin_stays_free);
  add("color-is-that-of-every-class", test_color_is_that_of_every_class);
  add("line-width-is-that-of-boxes", test_line_width_is_that_of_boxes);
  add("show-confidence-writes-percent", test_show_confidence_writes_percent);
  add("show-unknown-draws-unknown", test_show_unknown_draws_unknown);
  add("min-confidence-leaves-doubt-out", test_min_confidence_leaves_doubt_out);
  add("expire-leaves-old-labels-out", test_expire_leaves_old_labels_out);
  add("stats-tell-of-times", test_stats_tell_of_times);
  add("properties-may-change-while-it-plays",
      test_properties_may_change_while_it_plays);
  add_rows("/overlay-properties/nonsense-is-drawn-inside", kNonsense,
           test_nonsense_is_drawn_inside);
  for (const Refused& row : kRefused) {
    g_autofree char* path = g_strdup_printf(
        "/overlay-properties/a-value-is-refused/%s=%s", row.name, row.value);
    g_test_add_data_func(path, &row, test_a_value_is_refused);
  }
  return g_test_run();
}
