// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames of several streams in one buffer; engine as in fake_engine.cpp.
#include <gst/analytics/analytics.h>

#include "batch_buffers.h"
#include "classify_harness.h"
#include "located_frames.h"
#include "reports.h"
#include "support/assert_text.h"
#include "support/rows.h"

namespace {

using namespace support;

constexpr char kSmall[] = "video/x-raw,format=GRAY8,width=4,height=4";
constexpr char kSound[] = "audio/x-raw,format=S16LE,rate=8000,channels=1";

Harness playing_batches(const char* properties) {
  Harness harness = make_harness(properties);
  gst_harness_set_src_caps_str(harness.get(), kBatchCaps);
  return harness;
}

GstMiniObject* object(int value, int index, gsize bytes = kBytes) {
  return GST_MINI_OBJECT(frame(value, index, bytes));
}

GstMiniObject* caps_event(const char* text) {
  g_autoptr(GstCaps) caps = gst_caps_from_string(text);
  return GST_MINI_OBJECT(gst_event_new_caps(caps));
}

BatchStream stream(const char* id, std::vector<GstMiniObject*> objects,
                   const char* caps = kCaps) {
  return {.id = id, .caps = caps, .objects = std::move(objects)};
}

std::string labels_of_passed(const Harness& harness, GstBuffer* batch) {
  gst_harness_push(harness.get(), batch);
  g_autoptr(GstBuffer) out = gst_harness_pull(harness.get());
  return labels_of(out);
}

void test_each_frame_has_its_own_result(void) {
  Harness harness = playing_batches("model-file=random");
  for (int i = 0; i < 50; ++i) {
    GstBuffer* batch = make_batch(
        {stream("a", {object(20 + i, 2 * i), object(30 + i, 2 * i + 1)}),
         stream("b", {}), stream("c", {object(40 + i, i, 16)}, kSmall)});
    GST_BUFFER_PTS(batch) = i * kFrame;
    gst_harness_push(harness.get(), batch);
  }

  for (int i = 0; i < 50; ++i) {
    g_autoptr(GstBuffer) out = gst_harness_pull(harness.get());
    g_autofree char* expected =
        g_strdup_printf("%d %d | | %d", 20 + i, 30 + i, 40 + i);
    assert_text(labels_of(out), expected);
    g_assert_cmpuint(GST_BUFFER_PTS(out), ==, i * kFrame);
    g_assert_cmpuint(GST_BUFFER_PTS(frames_of(out)[1]), ==,
                     (2 * i + 1) * kFrame);
    g_assert_true(gst_buffer_is_writable(out));
    for (GstBuffer* each : frames_of(out))
      g_assert_true(gst_buffer_is_writable(each));
  }
  g_assert_cmpuint(counter(harness, "frames"), ==, 150);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 150);
}

void test_what_is_no_frame_passes_as_it_is(void) {
  Harness harness = playing_batches("model-file=m");
  GstMiniObject* sound = object(9, 0);
  GstMiniObject* gap = GST_MINI_OBJECT(gst_event_new_gap(kFrame, kFrame));
  GstBuffer* batch = make_batch(
      {stream("sound", {sound}, kSound), stream("video", {object(7, 0), gap})});

  gst_harness_push(harness.get(), batch);

  g_autoptr(GstBuffer) out = gst_harness_pull(harness.get());
  assert_text(labels_of(out), "- | 7");
  const auto* meta = gst_buffer_get_analytics_batch_meta(out);
  g_assert_true(meta->streams[0].objects[0] == sound);
  g_assert_true(meta->streams[1].objects[1] == gap);
  g_assert_cmpuint(counter(harness, "frames"), ==, 1);
}

void test_frames_in_lists_are_frames(void) {
  Harness harness = playing_batches("model-file=m");
  GstBufferList* list = gst_buffer_list_new();
  for (int i = 0; i < 3; ++i) gst_buffer_list_add(list, frame(50 + i, i));

  assert_text(
      labels_of_passed(
          harness,
          make_batch({stream("a", {GST_MINI_OBJECT(list), object(60, 3)})})),
      "50 51 52 60");
}

void test_caps_change_within_a_batch(void) {
  Harness harness = playing_batches("model-file=m");

  assert_text(
      labels_of_passed(
          harness, make_batch({stream("a", {object(7, 0), caps_event(kSmall),
                                            object(8, 1, 16)})})),
      "7 8");
}

void test_other_owners_of_a_batch_see_no_change(void) {
  Harness harness = playing_batches("model-file=m");
  g_autoptr(GstBuffer) batch = make_batch({stream("a", {object(7, 0)})});

  assert_text(labels_of_passed(harness, gst_buffer_ref(batch)), "7");

  assert_text(labels_of(batch), "-");
  g_assert_cmpuint(gst_buffer_get_size(frames_of(batch)[0]), ==, kBytes);
}

void test_streams_do_not_share_what_they_remember(void) {
  Harness harness = playing_batches("model-file=m inference-interval=2");

  for (int i = 0; i < 4; ++i) {
    const bool late = i >= 1;  // the second stream begins one batch later
    g_autofree char* expected = g_strdup_printf(
        late ? "%d | %d" : "%d |", 20 + i / 2 * 2, 40 + (i - 1) / 2 * 2 + 1);
    BatchStream second = stream("b", {});
    if (late)
      second.objects = {object(40 + i, i)};
    assert_text(
        labels_of_passed(
            harness, make_batch({stream("a", {object(20 + i, i)}), second})),
        expected);
  }
}

// Where one is gone, the others have other numbers.
void test_a_stream_in_the_place_of_another_begins_anew(void) {
  Harness harness = playing_batches("model-file=m inference-interval=1000");
  assert_text(
      labels_of_passed(harness, make_batch({stream("a", {object(7, 0)}),
                                            stream("b", {object(8, 0)})})),
      "7 | 8");

  assert_text(
      labels_of_passed(harness, make_batch({stream("b", {object(9, 1)})})),
      "9");
}

void test_objects_of_streams_are_apart(void) {
  Harness harness = playing_batches(
      "model-file=m inference-region=roi-list reclassify-interval=0");
  const auto batch = [](int value) {
    std::vector<BatchStream> streams;
    for (const char* id : {"a", "b"}) {
      GstBuffer* buffer = frame(value++, 0);
      add_object(buffer, "car", 0, 0, 4, 4, 5);
      streams.push_back(stream(id, {GST_MINI_OBJECT(buffer)}));
    }
    return make_batch(streams);
  };

  assert_text(labels_of_passed(harness, batch(20)), "20 | 21");
  assert_text(labels_of_passed(harness, batch(30)), "20 | 21");
}

void test_messages_name_the_stream(void) {
  Harness harness = playing_batches("model-file=m");
  const HarnessBus bus(harness);
  labels_of_passed(harness, make_batch({stream("a", {object(7, 0)}),
                                        stream("b", {object(8, 0)})}));

  for (guint expected = 0; expected < 2; ++expected) {
    g_autoptr(GstMessage) message =
        gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT);
    g_assert_nonnull(message);
    guint got = 9;
    g_assert_true(gst_structure_get_uint(gst_message_get_structure(message),
                                         "stream", &got));
    g_assert_cmpuint(got, ==, expected);
  }
}

void test_a_swap_is_announced_once(void) {
  Harness harness = playing_batches("model-file=m post-messages=none");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);
  const auto push = [&] {
    labels_of_passed(harness, make_batch({stream("a", {object(7, 0)}),
                                          stream("b", {object(8, 0)})}));
  };
  push();
  g_object_set(element.get(), "model-file", "other", nullptr);
  wait_for_first_class(element.get(), "other 0");
  push();
  push();

  g_assert_cmpuint(counter(harness, "model-swaps"), ==, 1);
  g_autoptr(GstMessage) first =
      gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT);
  g_assert_true(gst_message_has_name(first, "torchclassify-model"));
  g_assert_null(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT));
}

// Each frame carries what its own stream had before.
void test_latest_results_go_to_their_streams(void) {
  Harness harness = playing_batches("model-file=late mode=latest");
  std::string last;
  wait_for("results of both", [&] {
    last =
        labels_of_passed(harness, make_batch({stream("a", {object(20, 0)}),
                                              stream("b", {object(40, 0)})}));
    g_assert_true(last == "- | -" || last == "20 | -" || last == "- | 40" ||
                  last == "20 | 40");
    return last == "20 | 40";
  });
}

void test_more_streams_than_the_queue_has_room_for(void) {
  Harness harness = playing_batches("model-file=random batch-size=2");
  std::vector<BatchStream> streams;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    streams.push_back(stream("many", {object(100 + i, 0)}));
    expected += (i == 0 ? "" : " | ") + std::to_string(100 + i);
  }

  assert_text(labels_of_passed(harness, make_batch(streams)), expected);
}

void test_nothing_of_before_a_flush_comes_after_it(void) {
  Harness harness = playing_batches("model-file=random");
  for (int round = 1; round <= 50; ++round) {
    for (int i = 0; i < round % 5; ++i)
      gst_harness_push(harness.get(),
                       make_batch({stream("a", {object(20, i)}),
                                   stream("b", {object(21, i)})}));
    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    while (GstBuffer* buffer = gst_harness_try_pull(harness.get()))
      gst_buffer_unref(buffer);
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    push_segment(harness);

    assert_text(
        labels_of_passed(harness, make_batch({stream("a", {object(30, 0)}),
                                              stream("b", {object(31, 0)})})),
        "30 | 31");
  }
}

void test_frames_of_one_stream_may_follow(void) {
  Harness harness = playing_batches("model-file=m");
  labels_of_passed(harness, make_batch({stream("a", {object(7, 0)})}));
  gst_harness_set_src_caps_str(harness.get(), kCaps);

  gst_harness_push(harness.get(), frame(8, 1));

  g_autoptr(GstBuffer) out = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(out), ==, 8);
}

GstBuffer* without_meta() { return gst_buffer_new(); }
GstBuffer* without_caps() {
  return make_batch({stream("a", {object(7, 0)}, "")});
}
GstBuffer* of_bad_caps() {
  return make_batch(
      {stream("a", {object(7, 0)}, "video/x-raw,format=GRAY8,width=8")});
}
GstBuffer* of_another_format() {
  return make_batch({stream("a", {object(7, 0)},
                            "video/x-raw,format=ARGB64,width=2,height=2")});
}
GstBuffer* of_short_memory() {
  return make_batch(
      {stream("a", {object(7, 0)}), stream("b", {object(8, 0, 5)})});
}

struct Refused {
  const char* name;
  GstBuffer* (*make)();
};
constexpr Refused kRefused[] = {
    {"without-its-meta", without_meta},
    {"without-caps", without_caps},
    {"of-caps-without-a-size", of_bad_caps},
    {"of-a-format-that-is-not-known", of_another_format},
    {"with-a-frame-that-is-too-short", of_short_memory},
};

void test_one_error_for_a_batch(gconstpointer data) {
  Harness harness = playing_batches("model-file=m");
  const HarnessBus bus(harness);

  g_assert_cmpint(gst_harness_push(harness.get(),
                                   static_cast<const Refused*>(data)->make()),
                  ==, GST_FLOW_ERROR);

  assert_one_error(bus.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/batches/each-frame-has-its-own-result",
                  test_each_frame_has_its_own_result);
  g_test_add_func("/batches/what-is-no-frame-passes-as-it-is",
                  test_what_is_no_frame_passes_as_it_is);
  g_test_add_func("/batches/frames-in-lists-are-frames",
                  test_frames_in_lists_are_frames);
  g_test_add_func("/batches/caps-change-within-a-batch",
                  test_caps_change_within_a_batch);
  g_test_add_func("/batches/other-owners-of-a-batch-see-no-change",
                  test_other_owners_of_a_batch_see_no_change);
  g_test_add_func("/batches/streams-do-not-share-what-they-remember",
                  test_streams_do_not_share_what_they_remember);
  g_test_add_func("/batches/a-stream-in-the-place-of-another-begins-anew",
                  test_a_stream_in_the_place_of_another_begins_anew);
  g_test_add_func("/batches/objects-of-streams-are-apart",
                  test_objects_of_streams_are_apart);
  g_test_add_func("/batches/messages-name-the-stream",
                  test_messages_name_the_stream);
  g_test_add_func("/batches/a-swap-is-announced-once",
                  test_a_swap_is_announced_once);
  g_test_add_func("/batches/latest-results-go-to-their-streams",
                  test_latest_results_go_to_their_streams);
  g_test_add_func("/batches/more-streams-than-the-queue-has-room-for",
                  test_more_streams_than_the_queue_has_room_for);
  g_test_add_func("/batches/nothing-of-before-a-flush-comes-after-it",
                  test_nothing_of_before_a_flush_comes_after_it);
  g_test_add_func("/batches/frames-of-one-stream-may-follow",
                  test_frames_of_one_stream_may_follow);
  support::add_rows("/batches/one-error-for-a-batch", kRefused,
                    test_one_error_for_a_batch);
  return g_test_run();
}
