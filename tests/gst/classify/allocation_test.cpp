// SPDX-License-Identifier: LGPL-2.1-or-later
// Allocation, and layouts that only GstVideoMeta tells of; engine as in
// fake_engine.cpp.
#include <cstring>
#include <string>

#include "classify_harness.h"
#include "support/rows.h"

namespace {

using namespace support;

struct QueryUnref {
  void operator()(GstQuery* query) const { gst_query_unref(query); }
};
using QueryPtr = std::unique_ptr<GstQuery, QueryUnref>;

constexpr char kNv12[] = "video/x-raw,format=NV12,width=7,height=3";

QueryPtr ask(const Harness& harness) {
  g_autoptr(GstCaps) caps = gst_pad_get_current_caps(harness->srcpad);
  QueryPtr query(gst_query_new_allocation(caps, TRUE));
  g_assert_true(gst_pad_peer_query(harness->srcpad, query.get()));
  return query;
}

void understand_video_meta(const Harness& harness) {
  gst_harness_add_propose_allocation_meta(harness.get(),
                                          GST_VIDEO_META_API_TYPE, nullptr);
}

guint video_metas(GstQuery* query) {
  guint count = 0;
  for (guint i = 0; i < gst_query_get_n_allocation_metas(query); ++i)
    count += gst_query_parse_nth_allocation_meta(query, i, nullptr) ==
             GST_VIDEO_META_API_TYPE;
  return count;
}

// Rows padded with 255, planes with a gap; the picture itself counts its bytes.
GstBuffer* padded_nv12() {
  constexpr int kStride = 24;
  constexpr gsize kUv = 5 * kStride;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 8 * kStride, nullptr);
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_WRITE);
  std::memset(map.data, 255, map.size);
  for (int i = 0; i < 7 * 3; ++i) map.data[i / 7 * kStride + i % 7] = 30 + i;
  for (int i = 0; i < 8 * 2; ++i)
    map.data[kUv + i / 8 * kStride + i % 8] = 100 + i;
  gst_buffer_unmap(buffer, &map);
  gsize offsets[GST_VIDEO_MAX_PLANES] = {0, kUv};
  int strides[GST_VIDEO_MAX_PLANES] = {kStride, kStride};
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE,
                                 GST_VIDEO_FORMAT_NV12, 7, 3, 2, offsets,
                                 strides);
  GST_BUFFER_PTS(buffer) = 5 * kFrame;
  GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

void test_downstream_proposes(void) {
  Harness harness = playing("model-file=m");
  GstAllocationParams params;
  gst_allocation_params_init(&params);
  params.align = 63;
  params.padding = 5;
  gst_harness_set_propose_allocator(harness.get(), nullptr, &params);
  understand_video_meta(harness);

  const QueryPtr query = ask(harness);

  GstAllocationParams proposed;
  g_assert_cmpuint(gst_query_get_n_allocation_params(query.get()), ==, 1);
  gst_query_parse_nth_allocation_param(query.get(), 0, nullptr, &proposed);
  g_assert_cmpuint(proposed.align, ==, 63);
  g_assert_cmpuint(proposed.padding, ==, 5);
  g_assert_cmpuint(video_metas(query.get()), ==, 1);
}

GstPadProbeReturn propose_pool(GstPad*, GstPadProbeInfo* info, gpointer pool) {
  GstQuery* query = GST_PAD_PROBE_INFO_QUERY(info);
  if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION)
    gst_query_add_allocation_pool(query, GST_BUFFER_POOL(pool), 32, 3, 9);
  return GST_PAD_PROBE_OK;
}

void test_downstreams_pool_is_offered(void) {
  Harness harness = playing("model-file=m");
  g_autoptr(GstBufferPool) pool = gst_buffer_pool_new();
  gst_pad_add_probe(
      harness->sinkpad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM |
                                   GST_PAD_PROBE_TYPE_PUSH),
      propose_pool, pool, nullptr);

  const QueryPtr query = ask(harness);

  g_autoptr(GstBufferPool) offered = nullptr;
  guint least = 0;
  g_assert_cmpuint(gst_query_get_n_allocation_pools(query.get()), ==, 1);
  gst_query_parse_nth_allocation_pool(query.get(), 0, &offered, nullptr, &least,
                                      nullptr);
  g_assert_true(offered == pool);
  g_assert_cmpuint(least, ==, 3);
}

void test_video_meta_is_understood_without_downstream(void) {
  Harness harness = playing("model-file=m");

  const QueryPtr query = ask(harness);

  g_assert_cmpuint(video_metas(query.get()), ==, 1);
}

void test_a_query_waits_for_the_frames_before_it(void) {
  Harness harness = playing("model-file=random");
  for (int i = 0; i < 8; ++i) gst_harness_push(harness.get(), frame(i, i));

  ask(harness);

  g_assert_cmpuint(gst_harness_buffers_received(harness.get()), ==, 8);
}

struct Flush {
  GstPad* pad;
  GstQuery* query;
};

// As an upstream streaming thread in a paused pipeline: the frame before the
// query hangs downstream.
void test_a_flush_releases_a_waiting_query(void) {
  Harness harness = playing("model-file=slow");
  gst_harness_push(harness.get(), frame(1, 0));
  g_autoptr(GstCaps) caps = gst_pad_get_current_caps(harness->srcpad);
  const QueryPtr query(gst_query_new_allocation(caps, TRUE));
  Flush flush{harness->srcpad, query.get()};
  GThread* thread = g_thread_new(
      "query",
      [](gpointer data) -> gpointer {
        const auto* flush = static_cast<Flush*>(data);
        return GINT_TO_POINTER(gst_pad_peer_query(flush->pad, flush->query));
      },
      &flush);
  g_usleep(50'000);

  gst_harness_push_event(harness.get(), gst_event_new_flush_start());

  g_assert_false(GPOINTER_TO_INT(g_thread_join(thread)));
  g_assert_cmpuint(gst_harness_buffers_received(harness.get()), ==, 0);
}

void test_padding_stays_where_it_is_understood(void) {
  Harness harness = make_harness("model-file=m");
  gst_harness_set_src_caps_str(harness.get(), kNv12);
  understand_video_meta(harness);
  ask(harness);

  gst_harness_push(harness.get(), padded_nv12());

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpuint(gst_buffer_get_size(buffer), ==, 8 * 24);
  g_assert_cmpint(gst_buffer_get_video_meta(buffer)->stride[1], ==, 24);
}

// NV12 of 7x3 by its caps alone: rows of 8 bytes, 4 of them for luma.
void test_padding_is_taken_out_where_it_is_not(void) {
  Harness harness = make_harness("model-file=m");
  gst_harness_set_src_caps_str(harness.get(), kNv12);
  ask(harness);

  gst_harness_push(harness.get(), padded_nv12());

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_null(gst_buffer_get_video_meta(buffer));
  g_assert_cmpint(label_of(buffer), ==, 30);
  g_assert_cmpuint(GST_BUFFER_PTS(buffer), ==, 5 * kFrame);
  g_assert_true(GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT));
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_READ);
  g_assert_cmpuint(map.size, ==, 48);
  for (int i = 0; i < 7 * 3; ++i)
    g_assert_cmpint(map.data[i / 7 * 8 + i % 7], ==, 30 + i);
  for (int i = 0; i < 8 * 2; ++i)
    g_assert_cmpint(map.data[32 + i], ==, 100 + i);
  gst_buffer_unmap(buffer, &map);
}

void test_a_packed_frame_is_not_copied(void) {
  Harness harness = playing("model-file=m");
  ask(harness);
  GstBuffer* sent = frame(3, 0);
  gst_buffer_add_video_meta(sent, GST_VIDEO_FRAME_FLAG_NONE,
                            GST_VIDEO_FORMAT_GRAY8, 8, 4);

  gst_harness_push(harness.get(), sent);

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_true(buffer == sent);
}

// Not inferred, so that nobody but the copy looks at it.
void test_a_plane_that_is_too_short_is_not_copied(void) {
  Harness harness = make_harness("model-file=m");
  gst_harness_set_src_caps_str(harness.get(), kNv12);
  const HarnessBus bus(harness);
  ask(harness);
  GstBuffer* sent = padded_nv12();
  gst_buffer_get_video_meta(sent)->stride[1] = G_MAXINT / 2;
  GST_BUFFER_FLAG_SET(sent, GST_BUFFER_FLAG_GAP);

  const GstFlowReturn flow = gst_harness_push(harness.get(), sent);

  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
  assert_one_error(bus.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
}

void test_the_stride_of_a_single_row_does_not_matter(void) {
  Harness harness = make_harness("model-file=m");
  gst_harness_set_src_caps_str(harness.get(),
                               "video/x-raw,format=GRAY8,width=8,height=1");
  ask(harness);
  GstBuffer* sent = frame(7, 0, 11);
  GstVideoMeta* meta = gst_buffer_add_video_meta(
      sent, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 8, 1);
  meta->offset[0] = 3;
  meta->stride[0] = -8;

  gst_harness_push(harness.get(), sent);

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  const guint8 row[] = {7, 7, 7, 7, 7, 7, 7, 7};
  g_assert_cmpint(label_of(buffer), ==, 7);
  g_assert_cmpint(gst_buffer_memcmp(buffer, 0, row, sizeof row), ==, 0);
}

// GRAY8 of 8x4, cut within a row: the first three rows are 7, the last one 9.
GstBuffer* cut_frame(bool meta) {
  GstBuffer* buffer =
      gst_buffer_append(frame(7, 0, 19), frame(7, 0, kBytes - 19));
  gst_buffer_memset(buffer, 24, 9, 8);
  if (meta)
    gst_buffer_add_video_meta(buffer, GST_VIDEO_FRAME_FLAG_NONE,
                              GST_VIDEO_FORMAT_GRAY8, 8, 4);
  return buffer;
}

struct Cut {
  const char* name;
  bool meta;
  const char* place;
  int label;
};
constexpr Cut kCuts[] = {
    {"by-caps-alone/top", false, "top=0,0,8,2", 7},
    {"by-caps-alone/bottom", false, "bottom=0,3,8,1", 9},
    {"by-its-meta/top", true, "top=0,0,8,2", 7},
    {"by-its-meta/bottom", true, "bottom=0,3,8,1", 9},
};

void test_a_plane_of_two_memories_is_read(gconstpointer data) {
  const auto& c = *static_cast<const Cut*>(data);
  const std::string place = c.place;
  Harness harness = playing(
      ("model-file=m inference-region=static static-regions=" + place).c_str());

  gst_harness_push(harness.get(), cut_frame(c.meta));

  g_autoptr(GstBuffer) buffer = gst_harness_pull(harness.get());
  g_assert_cmpint(label_of(buffer), ==, c.label);
  g_assert_cmpuint(gst_buffer_n_memory(buffer), ==, 2);
}

// Somebody is writing to the second one.
void test_memories_that_cannot_be_merged_are_refused(void) {
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);
  GstBuffer* sent = cut_frame(true);
  GstMemory* memory = gst_buffer_get_memory(sent, 1);
  GstMapInfo map;
  g_assert_true(gst_memory_map(memory, &map, GST_MAP_WRITE));

  const GstFlowReturn flow = gst_harness_push(harness.get(), sent);

  gst_memory_unmap(memory, &map);
  gst_memory_unref(memory);
  g_assert_cmpint(flow, ==, GST_FLOW_ERROR);
  assert_one_error(bus.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/allocation/downstream-proposes", test_downstream_proposes);
  g_test_add_func("/allocation/downstreams-pool-is-offered",
                  test_downstreams_pool_is_offered);
  g_test_add_func("/allocation/video-meta-is-understood-without-downstream",
                  test_video_meta_is_understood_without_downstream);
  g_test_add_func("/allocation/a-query-waits-for-the-frames-before-it",
                  test_a_query_waits_for_the_frames_before_it);
  g_test_add_func("/allocation/a-flush-releases-a-waiting-query",
                  test_a_flush_releases_a_waiting_query);
  g_test_add_func("/allocation/padding-stays-where-it-is-understood",
                  test_padding_stays_where_it_is_understood);
  g_test_add_func("/allocation/padding-is-taken-out-where-it-is-not",
                  test_padding_is_taken_out_where_it_is_not);
  g_test_add_func("/allocation/a-packed-frame-is-not-copied",
                  test_a_packed_frame_is_not_copied);
  g_test_add_func("/allocation/a-plane-that-is-too-short-is-not-copied",
                  test_a_plane_that_is_too_short_is_not_copied);
  g_test_add_func("/allocation/the-stride-of-a-single-row-does-not-matter",
                  test_the_stride_of_a_single_row_does_not_matter);
  add_rows("/allocation/a-plane-of-two-memories-is-read", kCuts,
           test_a_plane_of_two_memories_is_read);
  g_test_add_func("/allocation/memories-that-cannot-be-merged-are-refused",
                  test_memories_that_cannot_be_merged_are_refused);
  return g_test_run();
}
