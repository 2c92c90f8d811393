// SPDX-License-Identifier: LGPL-2.1-or-later
// Labels over stream time: smoothing, dwell, hysteresis, unknown.
#include "located_frames.h"
#include "reports.h"
#include "support/rows.h"

namespace {

using namespace support;

constexpr int kOne = 20;   // a frame's value, and so its class: 0.75 of it,
constexpr int kTwo = 120;  // and less than 0.01 of the other
constexpr char kLong[] = "smoothing-time=1000000000000";  // 1000 s

GstBuffer* frame_at(int value, GstClockTime pts) {
  GstBuffer* buffer = frame(value, 0);
  GST_BUFFER_PTS(buffer) = pts;
  return buffer;
}

int label_for(const Harness& harness, GstBuffer* buffer) {
  g_autoptr(GstBuffer) out = passed(harness, buffer);
  return label_of(out);
}

// When a stream first has this label that shows one class for a second, and
// then another for four.
GstClockTime time_of(const char* properties, int label, int frames_per_second) {
  g_autofree char* all = g_strdup_printf("model-file=m %s", properties);
  Harness harness = playing(all);
  GstClockTime found = GST_CLOCK_TIME_NONE;
  for (int i = 0; i < 5 * frames_per_second; ++i) {
    const GstClockTime pts = i * GST_SECOND / frames_per_second;
    const int value = pts < GST_SECOND ? kOne : kTwo;
    const int got = label_for(harness, frame_at(value, pts));
    if (got == label && !GST_CLOCK_TIME_IS_VALID(found))
      found = pts;
  }
  return found;
}

struct Change {
  const char* name;
  const char* properties;
  int label;
  double after;  // seconds since the other class is there
};
// With a time constant of 1 s the other class has 0.75 (1 - exp(-t)).
constexpr Change kChanges[] = {
    {"nothing", "", kTwo, 0},
    {"dwell", "min-dwell=500000000", kTwo, 0.5},
    // exp(-t) is a half.
    {"smoothing", "smoothing-time=1000000000", kTwo, 0.69},
    // A quarter: it leads by half of 0.75.
    {"smoothing-and-hysteresis", "smoothing-time=1000000000 hysteresis=0.375",
     kTwo, 1.39},
    // It falls below 0.5, and the other one is there a while later.
    {"smoothing-to-unknown",
     "smoothing-time=1000000000 class-confidence-threshold=0.5", -1, 0.41},
    {"smoothing-from-unknown",
     "smoothing-time=1000000000 class-confidence-threshold=0.5", kTwo, 1.10},
    {"smoothing-and-dwell", "smoothing-time=1000000000 min-dwell=500000000",
     kTwo, 1.19},
};

// Within a frame for smoothing, and another for dwell.
void test_the_label_changes_at_any_rate_after(gconstpointer data) {
  const auto& c = *static_cast<const Change*>(data);

  for (const int rate : {25, 7}) {
    const GstClockTime time = time_of(c.properties, c.label, rate);
    g_assert_true(GST_CLOCK_TIME_IS_VALID(time));
    const double after = static_cast<double>(time) / GST_SECOND - 1;
    g_test_message("%d frames a second: after %.3f s", rate, after);
    g_assert_cmpfloat(ABS(after - c.after), <=, 2.0 / rate);
  }
}

void test_hysteresis_keeps_a_label_that_is_led_by_less(void) {
  Harness harness = playing("model-file=m hysteresis=0.8");
  label_for(harness, frame(kOne, 0));

  // It leads by 0.74.
  g_assert_cmpint(label_for(harness, frame(kTwo, 1)), ==, kOne);
}

void test_hysteresis_lets_go_of_a_label_that_is_led_by_more(void) {
  Harness harness = playing("model-file=m hysteresis=0.7");
  label_for(harness, frame(kOne, 0));

  g_assert_cmpint(label_for(harness, frame(kTwo, 1)), ==, kTwo);
}

void flush(const Harness& harness) {
  gst_harness_push_event(harness.get(), gst_event_new_flush_start());
  gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
  push_segment(harness);
}

// From this time stamp on, which is at that stream time.
void push_segment_at(const Harness& harness, GstClockTime start,
                     GstClockTime stream_time) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = start;
  segment.time = stream_time;
  g_assert_true(
      gst_harness_push_event(harness.get(), gst_event_new_segment(&segment)));
}

struct Break {
  const char* name;
  void (*happen)(const Harness&);
  GstClockTime pts;  // of the frame after it; five were before, to 160 ms
  bool begins_anew;
};
const Break kBreaks[] = {
    {"nothing", [](const Harness&) {}, 5 * kFrame, false},
    {"a-flush", flush, 5 * kFrame, true},
    {"a-seek-back", [](const Harness& h) { push_segment_at(h, 0, 0); }, 0,
     true},
    {"a-seek-on",
     [](const Harness& h) {
       push_segment_at(h, 60 * GST_SECOND, 60 * GST_SECOND);
     },
     60 * GST_SECOND, true},
    // Time stamps go on, what they stand for does not.
    {"a-segment-of-another-time",
     [](const Harness& h) {
       push_segment_at(h, 5 * kFrame, 9000 * GST_SECOND);
     },
     5 * kFrame, true},
    {"a-segment-that-goes-on",
     [](const Harness& h) {
       push_segment_at(h, 9000 * GST_SECOND, 5 * kFrame);
     },
     9000 * GST_SECOND, false},
    {"other-caps",
     [](const Harness& h) {
       gst_harness_set_src_caps_str(
           h.get(), "video/x-raw,format=GRAY8,width=4,height=8");
     },
     5 * kFrame, false},
    {"a-second-without-frames", [](const Harness&) {}, GST_SECOND, false},
    {"no-time-stamp", [](const Harness&) {}, GST_CLOCK_TIME_NONE, true},
};

// Dwell alone, for whose sake a gap of 5 s is one.
void test_labels_begin_anew_after(gconstpointer data) {
  const auto& c = *static_cast<const Break*>(data);
  Harness harness = playing("model-file=m min-dwell=2000000000");
  for (int i = 0; i < 5; ++i) label_for(harness, frame(kOne, i));

  c.happen(harness);
  const int label = label_for(harness, frame_at(kTwo, c.pts));

  g_assert_cmpint(label, ==, c.begins_anew ? kTwo : kOne);
}

void test_each_static_region_has_its_own_history(void) {
  Harness harness = playing_located(
      "model-file=m inference-region=static min-dwell=120000000 "
      "static-regions=\"left=0,0,8,16;right=8,0,8,16\"");
  std::string labels;

  for (int i = 0; i < 6; ++i) {
    g_autoptr(GstBuffer) out =
        passed(harness, halves(i < 2 ? kOne : kTwo, i < 3 ? kOne : kTwo, i));
    labels += labels_on(out) + ";";
  }

  g_assert_cmpstr(labels.c_str(), ==,
                  "20 20;20 20;20 20;20 20;120 20;120 120;");
}

// They change places at once; later one of them changes.
void test_each_tracked_object_has_its_own_history(void) {
  Harness harness = playing_located(
      "model-file=m inference-region=roi-list "
      "min-dwell=120000000");
  std::string labels;

  for (int i = 0; i < 7; ++i) {
    const bool crossed = i >= 2;
    const int second = i < 4 ? 60 : kTwo;
    GstBuffer* buffer =
        crossed ? halves(second, kOne, i) : halves(kOne, second, i);
    add_object(buffer, "car", crossed ? 8 : 0, 0, 8, 16, 1);
    add_object(buffer, "car", crossed ? 0 : 8, 0, 8, 16, 2);
    g_autoptr(GstBuffer) out = passed(harness, buffer);
    labels += labels_on(out) + ";";
  }

  g_assert_cmpstr(labels.c_str(), ==,
                  "20 60;20 60;20 60;20 60;20 60;20 60;20 120;");
}

void test_what_nobody_tracks_has_no_history(void) {
  Harness harness = playing_located(
      "model-file=m inference-region=roi-list min-dwell=120000000");
  int label = 0;

  for (const int value : {kOne, kTwo}) {
    GstBuffer* buffer = halves(value, value, 0);
    add_object(buffer, "car", 0, 0, 8, 16);
    g_autoptr(GstBuffer) out = passed(harness, buffer);
    label = label_of(out);
  }

  g_assert_cmpint(label, ==, kTwo);
}

// Each third frame is another class.
void test_messages_follow_the_decided_label(void) {
  Harness harness = playing("model-file=m min-dwell=200000000");
  const HarnessBus bus(harness);
  int index = 0;

  for (int i = 0; i < 12; ++i)
    label_for(harness, frame(i % 3 == 2 ? 60 : kOne, index++));
  for (int i = 0; i < 10; ++i) label_for(harness, frame(kTwo, index++));

  const Said said = said_on(bus.get());
  g_assert_cmpuint(said.labels.size(), ==, 2);
  g_assert_cmpstr(said.labels[0].c_str(), ==, "20");
  g_assert_cmpstr(said.labels[1].c_str(), ==, "120");
}

void test_unknown_is_posted_as_a_label(void) {
  Harness harness = playing(
      "model-file=m smoothing-time=1000000000 "
      "class-confidence-threshold=0.5");
  const HarnessBus bus(harness);

  for (int i = 0; i < 100; ++i)
    label_for(harness, frame(i < 25 ? kOne : kTwo, i));

  const Said said = said_on(bus.get());
  g_assert_cmpuint(said.labels.size(), ==, 3);
  g_assert_cmpstr(said.labels[1].c_str(), ==, "-1");
}

void test_smoothing_begins_and_ends_while_playing(void) {
  Harness harness = playing("model-file=m");
  const ElementPtr element = element_of(harness);
  label_for(harness, frame(kOne, 0));

  g_object_set(element.get(), "smoothing-time", 1000 * GST_SECOND, nullptr);
  g_assert_cmpint(label_for(harness, frame(kOne, 1)), ==, kOne);
  g_assert_cmpint(label_for(harness, frame(kTwo, 2)), ==, kOne);
  g_object_set(element.get(), "smoothing-time", guint64{0}, nullptr);
  g_assert_cmpint(label_for(harness, frame(kTwo, 3)), ==, kTwo);
}

void test_a_dwell_ends_when_it_is_set_to_nothing(void) {
  Harness harness = playing("model-file=m min-dwell=1000000000000");
  const ElementPtr element = element_of(harness);
  label_for(harness, frame(kOne, 0));
  g_assert_cmpint(label_for(harness, frame(kTwo, 1)), ==, kOne);

  g_object_set(element.get(), "min-dwell", guint64{0}, nullptr);

  g_assert_cmpint(label_for(harness, frame(kTwo, 2)), ==, kTwo);
}

void test_nan_interrupts_nothing(void) {
  g_autofree char* properties = g_strdup_printf("model-file=m %s", kLong);
  Harness harness = playing(properties);
  label_for(harness, frame(kOne, 0));

  g_assert_cmpint(label_for(harness, frame(14, 1)), ==, -2);
  g_assert_cmpint(label_for(harness, frame(kTwo, 2)), ==, kOne);
}

void test_frames_that_are_not_inferred_do_not_count(void) {
  Harness harness =
      playing("model-file=m min-dwell=200000000 inference-interval=5");
  std::string labels;

  for (int i = 0; i < 16; ++i)
    labels +=
        label_for(harness, frame(i < 5 ? kOne : kTwo, i)) == kOne ? "1" : "2";

  // In frames 5 and 10, 200 ms apart: twice is enough.
  g_assert_cmpstr(labels.c_str(), ==, "1111111111222222");
}

void test_several_labels_are_smoothed(void) {
  g_autofree char* properties = g_strdup_printf("model-file=several %s", kLong);
  Harness harness = playing(properties);

  g_assert_cmpint(label_for(harness, frame(1, 0)), ==, 0);
  g_assert_cmpint(label_for(harness, frame(2, 1)), ==, 0);
}

void add_history_tests(void) {
  g_test_add_func("/decisions/each-static-region-has-its-own-history",
                  test_each_static_region_has_its_own_history);
  g_test_add_func("/decisions/each-tracked-object-has-its-own-history",
                  test_each_tracked_object_has_its_own_history);
  g_test_add_func("/decisions/what-nobody-tracks-has-no-history",
                  test_what_nobody_tracks_has_no_history);
  g_test_add_func("/decisions/nan-interrupts-nothing",
                  test_nan_interrupts_nothing);
  g_test_add_func("/decisions/frames-that-are-not-inferred-do-not-count",
                  test_frames_that_are_not_inferred_do_not_count);
  g_test_add_func("/decisions/several-labels-are-smoothed",
                  test_several_labels_are_smoothed);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  add_rows("/decisions/the-label-changes-at-any-rate-after", kChanges,
           test_the_label_changes_at_any_rate_after);
  g_test_add_func("/decisions/hysteresis-keeps-a-label-that-is-led-by-less",
                  test_hysteresis_keeps_a_label_that_is_led_by_less);
  g_test_add_func(
      "/decisions/hysteresis-lets-go-of-a-label-that-is-led-by-more",
      test_hysteresis_lets_go_of_a_label_that_is_led_by_more);
  add_rows("/decisions/labels-begin-anew-after", kBreaks,
           test_labels_begin_anew_after);
  add_history_tests();
  g_test_add_func("/decisions/messages-follow-the-decided-label",
                  test_messages_follow_the_decided_label);
  g_test_add_func("/decisions/unknown-is-posted-as-a-label",
                  test_unknown_is_posted_as_a_label);
  g_test_add_func("/decisions/smoothing-begins-and-ends-while-playing",
                  test_smoothing_begins_and_ends_while_playing);
  g_test_add_func("/decisions/a-dwell-ends-when-it-is-set-to-nothing",
                  test_a_dwell_ends_when_it_is_set_to_nothing);
  return g_test_run();
}
