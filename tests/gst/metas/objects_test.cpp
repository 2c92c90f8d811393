// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects and labels as region metas, read and written.
#include "metas/objects.h"

#include <gst/video/video.h>

#include <cstring>

#include "object_text.h"
#include "scaled.h"
#include "stop_sign.h"
#include "support/rows.h"

namespace {

using namespace support;
using namespace torchclassify;

constexpr std::size_t kNoLimit = 1'000'000;

GstVideoRegionOfInterestMeta* add_region(GstBuffer* buffer, const char* type,
                                         int x) {
  return gst_buffer_add_video_region_of_interest_meta(buffer, type, x, 2, 30,
                                                      40);
}

void add_param(GstVideoRegionOfInterestMeta* region, const char* text) {
  GstStructure* param = gst_structure_from_string(text, nullptr);
  g_assert_nonnull(param);
  gst_video_region_of_interest_meta_add_param(region, param);
}

void test_nothing_is_on_an_empty_buffer() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();

  assert_objects(objects_on(buffer, kNoLimit), "");
  g_assert_true(frame_labels_on(buffer).empty());
}

void test_regions_come_in_order() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  add_region(buffer, "car", 1)->id = 7;
  add_region(buffer, "person", 5)->id = 3;
  add_region(buffer, "person", 5)->id = 4;

  assert_objects(objects_on(buffer, kNoLimit),
                 "car 0 1,2 30x40 region 7\n"
                 "person 0 5,2 30x40 region 3\n"
                 "person 0 5,2 30x40 region 4\n");
}

struct Case {
  const char* name;
  const char* params[3];
  const char* expected;
};
// The first four as DL Streamer writes them.
constexpr Case kCases[] = {
    {"a-detection",
     {"detection, label_id=(int)2, confidence=(double)0.5, x_min=(double)0.1"},
     "car 0.5 1,2 30x40 region 0\n"},
    {"a-rotated-detection",
     {"detection, confidence=(double)0.5, rotation=(double)-0.25"},
     "car 0.5 1,2 30x40 turned -0.25 region 0\n"},
    {"a-tracker",
     {"detection, confidence=(double)0.5", "object_id, id=(int)9"},
     "car 0.5 1,2 30x40 track 9 region 0\n"},
    {"classifications",
     {"detection, confidence=(double)0.5",
      "classification_layer_name:prob, label=(string)red, label_id=(int)1,"
      " confidence=(double)0.75, model_name=(string)colors",
      "classification_layer_name:type, label=(string)van,"
      " confidence=(double)0.25"},
     "car 0.5 1,2 30x40 region 0: red=0.75 van=0.25\n"},
    {"a-classification-of-ours",
     {"roi/torchclassify, label=(string)red, label_id=(int)1,"
      " confidence=(double)0.75"},
     "car 0 1,2 30x40 region 0: red=0.75\n"},
    {"equal-classifications",
     {"a, label=(string)yes, confidence=(double)1",
      "b, label=(string)yes, confidence=(double)1"},
     "car 0 1,2 30x40 region 0: yes=1 yes=1\n"},
    {"other-parameters",
     {"roi/x264enc, delta-qp=(int)-5", "empty"},
     "car 0 1,2 30x40 region 0\n"},
    {"a-label-without-confidence",
     {"x, label=(string)red"},
     "car 0 1,2 30x40 region 0\n"},
    {"wrong-types",
     {"detection, confidence=(string)0.5, rotation=(int)1",
      "object_id, id=(string)9", "x, label=(int)1, confidence=(int)1"},
     "car 0 1,2 30x40 region 0\n"},
    {"a-negative-tracker",
     {"object_id, id=(int)-9"},
     "car 0 1,2 30x40 region 0\n"},
    {"nan",
     {"detection, confidence=(double)nan",
      "x, label=(string)a,"
      " confidence=(double)nan"},
     "car nan 1,2 30x40 region 0: a=nan\n"},
    {"an-object-that-is-not-the-full-frame",
     {"roi/torchclassify, full-frame=(boolean)false"},
     "car 0 1,2 30x40 region 0\n"},
    {"the-full-frame-as-another-type",
     {"roi/torchclassify, full-frame=(int)1"},
     "car 0 1,2 30x40 region 0\n"},
    {"the-full-frame-of-another-element",
     {"roi/other, full-frame=(boolean)true"},
     "car 0 1,2 30x40 region 0\n"},
    {"the-full-frame", {"roi/torchclassify, full-frame=(boolean)true"}, ""},
};

void test_params_are_read(gconstpointer data) {
  const auto& row = *static_cast<const Case*>(data);
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  auto* region = add_region(buffer, "car", 1);
  for (const char* param : row.params)
    if (param)
      add_param(region, param);

  assert_objects(objects_on(buffer, kNoLimit), row.expected);
}

void test_absurd_boxes_are_as_written() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  gst_buffer_add_video_region_of_interest_meta(buffer, "a", G_MAXUINT,
                                               G_MAXUINT, G_MAXUINT, 0);
  gst_buffer_add_video_region_of_interest_meta(buffer, nullptr, 0, 0, 0, 0);

  const auto objects = objects_on(buffer, kNoLimit);

  g_assert_cmpuint(objects.size(), ==, 2);
  g_assert_cmpfloat(objects[0].x, ==, G_MAXUINT);
  g_assert_cmpfloat(objects[0].width, ==, G_MAXUINT);
  g_assert_cmpfloat(objects[0].height, ==, 0);
  g_assert_true(objects[1].label.empty());
}

// GStreamer refuses such a string, but not one that changes later; a type is
// any bytes.
void test_text_becomes_utf8() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  auto* region = add_region(buffer, "\xff", 1);
  add_param(region, "x, label=(string)abc, confidence=(double)1");
  const GstStructure* param =
      gst_video_region_of_interest_meta_get_param(region, "x");
  std::strcpy(const_cast<char*>(gst_structure_get_string(param, "label")),
              "\xc3");

  assert_objects(objects_on(buffer, kNoLimit),
                 "\xEF\xBF\xBD 0 1,2 30x40 region 0: \xEF\xBF\xBD=1\n");
}

void test_many_regions_are_cut() {
  constexpr int kRegions = 10'000;
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  for (int i = 0; i < kRegions; ++i)
    add_param(add_region(buffer, "car", i),
              "detection, confidence=(double)0.5");

  const gint64 start = g_get_monotonic_time();
  const auto few = objects_on(buffer, 64);
  const gint64 between = g_get_monotonic_time();
  const auto all = objects_on(buffer, kNoLimit);
  const gint64 end = g_get_monotonic_time();

  g_test_message("64 of them: %" G_GINT64_FORMAT " us, all: %" G_GINT64_FORMAT
                 " us",
                 between - start, end - between);
  g_assert_cmpuint(few.size(), ==, 64);
  g_assert_cmpfloat(few.back().x, ==, 63);
  g_assert_cmpuint(all.size(), ==, kRegions);
  // Room for a sanitizer on a busy machine.
  g_assert_cmpint(end - start, <, 500 * 1000);
  g_assert_true(objects_on(buffer, 0).empty());
}

void assert_param(const GstVideoRegionOfInterestMeta* region,
                  const char* expected) {
  GstStructure* param = gst_video_region_of_interest_meta_get_param(
      const_cast<GstVideoRegionOfInterestMeta*>(region), "roi/torchclassify");
  g_assert_nonnull(param);
  g_autofree char* text = gst_structure_to_string(param);
  g_assert_cmpstr(text, ==, expected);
}

constexpr char kParam[] =
    "roi/torchclassify, label=(string)Stop, label_id=(int)14,"
    " confidence=(double)0.75, model_name=(string)signs,"
    " type=(string)classification_result;";

void test_a_classification_is_a_param() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  auto* first = add_region(buffer, "sign", 1);
  auto* second = add_region(buffer, "sign", 5);
  const auto objects = objects_on(buffer, kNoLimit);

  add_classification(buffer, &objects[1], stop_sign());

  assert_param(second, kParam);
  g_assert_null(first->params);
  assert_objects(objects_on(buffer, kNoLimit),
                 "sign 0 1,2 30x40 region 0\n"
                 "sign 0 5,2 30x40 region 0: Stop=0.75\n");
}

// Only the type tells the two apart.
void test_a_copy_of_the_buffer_has_the_same_objects() {
  GstBuffer* buffer = gst_buffer_new();
  add_region(buffer, "sign", 1);
  add_region(buffer, "car", 1);
  const auto objects = objects_on(buffer, kNoLimit);
  g_autoptr(GstBuffer) copy = gst_buffer_copy(buffer);
  gst_buffer_unref(buffer);

  add_classification(copy, &objects[1], stop_sign());

  assert_objects(objects_on(copy, kNoLimit),
                 "sign 0 1,2 30x40 region 0\n"
                 "car 0 1,2 30x40 region 0: Stop=0.75\n");
}

// Equal ones in every field are told apart by their address.
void test_twins_keep_their_own_labels() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  add_region(buffer, "sign", 1);
  add_region(buffer, "sign", 1);
  const auto objects = objects_on(buffer, kNoLimit);

  add_classification(buffer, &objects[1], stop_sign());

  assert_objects(objects_on(buffer, kNoLimit),
                 "sign 0 1,2 30x40 region 0\n"
                 "sign 0 1,2 30x40 region 0: Stop=0.75\n");
}

void test_an_object_that_is_gone_gets_nothing() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  add_region(buffer, "sign", 1);
  const auto objects = objects_on(buffer, kNoLimit);
  g_autoptr(GstBuffer) other = gst_buffer_new();
  add_region(other, "sign", 3);

  add_classification(other, &objects[0], stop_sign());

  assert_objects(objects_on(other, kNoLimit), "sign 0 3,2 30x40 region 0\n");
}

void test_labels_are_written_as_utf8() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  add_region(buffer, "sign", 1);
  const auto objects = objects_on(buffer, kNoLimit);

  add_classification(buffer, &objects[0],
                     {.model = "\xff", .label = "\xc3", .label_id = 1});

  assert_objects(objects_on(buffer, kNoLimit),
                 "sign 0 1,2 30x40 region 0: \xEF\xBF\xBD=0\n");
}

void test_the_full_frame_object_is_a_region() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  add_region(buffer, "sign", 1);

  add_full_frame_object(buffer, 640, 480, stop_sign());

  gpointer state = nullptr;
  const GType api = GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE;
  gst_buffer_iterate_meta_filtered(buffer, &state, api);
  const auto* added = reinterpret_cast<GstVideoRegionOfInterestMeta*>(
      gst_buffer_iterate_meta_filtered(buffer, &state, api));
  g_assert_cmpstr(g_quark_to_string(added->roi_type), ==, "Stop");
  g_assert_cmpuint(added->x + added->y, ==, 0);
  g_assert_cmpuint(added->w, ==, 640);
  g_assert_cmpuint(added->h, ==, 480);
  assert_param(added,
               "roi/torchclassify, label=(string)Stop, label_id=(int)14,"
               " confidence=(double)0.75, model_name=(string)signs,"
               " type=(string)classification_result,"
               " full-frame=(boolean)true;");
}

void test_the_full_frame_object_is_left_out() {
  g_autoptr(GstBuffer) buffer = gst_buffer_new();
  add_full_frame_object(buffer, 641, 479, stop_sign());
  add_region(buffer, "sign", 1);
  g_autoptr(GstBuffer) copy = gst_buffer_copy(buffer);
  g_autoptr(GstBuffer) smaller = scaled(buffer);

  for (GstBuffer* each : {buffer, copy, smaller}) {
    const auto objects = objects_on(each, 1);
    g_assert_cmpuint(objects.size(), ==, 1);
    g_assert_cmpstr(objects[0].label.c_str(), ==, "sign");
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/objects/nothing-is-on-an-empty-buffer",
                  test_nothing_is_on_an_empty_buffer);
  g_test_add_func("/objects/regions-come-in-order", test_regions_come_in_order);
  add_rows("/objects/a-region-with", kCases, test_params_are_read);
  g_test_add_func("/objects/absurd-boxes-are-as-written",
                  test_absurd_boxes_are_as_written);
  g_test_add_func("/objects/text-becomes-utf-8", test_text_becomes_utf8);
  g_test_add_func("/objects/many-regions-are-cut", test_many_regions_are_cut);
  g_test_add_func("/objects/a-classification-is-a-param",
                  test_a_classification_is_a_param);
  g_test_add_func("/objects/a-copy-of-the-buffer-has-the-same-objects",
                  test_a_copy_of_the_buffer_has_the_same_objects);
  g_test_add_func("/objects/twins-keep-their-own-labels",
                  test_twins_keep_their_own_labels);
  g_test_add_func("/objects/an-object-that-is-gone-gets-nothing",
                  test_an_object_that_is_gone_gets_nothing);
  g_test_add_func("/objects/labels-are-written-as-utf-8",
                  test_labels_are_written_as_utf8);
  g_test_add_func("/objects/the-full-frame-object-is-a-region",
                  test_the_full_frame_object_is_a_region);
  g_test_add_func("/objects/the-full-frame-object-is-left-out",
                  test_the_full_frame_object_is_left_out);
  return g_test_run();
}
