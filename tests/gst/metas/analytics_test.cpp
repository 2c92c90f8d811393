// SPDX-License-Identifier: LGPL-2.1-or-later
// Objects and labels in the analytics library's meta, read and written.
#include <gst/analytics/analytics.h>
#include <gst/video/video.h>

#include <limits>
#include <string>
#include <vector>

#include "metas/objects.h"
#include "object_text.h"
#include "scaled.h"
#include "stop_sign.h"
#include "support/assert_text.h"
#include "support/rows.h"

namespace {

using namespace support;
using namespace torchclassify;

constexpr std::size_t kNoLimit = 1'000'000;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr int kNone = GST_ANALYTICS_REL_TYPE_NONE;
constexpr int kIsPartOf = GST_ANALYTICS_REL_TYPE_IS_PART_OF;
constexpr int kContain = GST_ANALYTICS_REL_TYPE_CONTAIN;
constexpr int kRelateTo = GST_ANALYTICS_REL_TYPE_RELATE_TO;

// A buffer and its relation meta, with the words to fill them.
struct Scene {
  Scene()
      : buffer(gst_buffer_new()),
        meta(gst_buffer_add_analytics_relation_meta(buffer)) {}
  ~Scene() { gst_buffer_unref(buffer); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  guint detection(const char* label, int x, float confidence = 0.5) {
    GstAnalyticsODMtd mtd{};
    g_assert_true(gst_analytics_relation_meta_add_od_mtd(
        meta, g_quark_from_string(label), x, 2, 30, 40, confidence, &mtd));
    return mtd.id;
  }

  guint classification(const std::vector<ObjectLabel>& classes) {
    std::vector<float> levels;
    std::vector<GQuark> quarks;
    for (const ObjectLabel& one : classes) {
      levels.push_back(static_cast<float>(one.confidence));
      quarks.push_back(g_quark_from_string(one.label.c_str()));
    }
    GstAnalyticsClsMtd mtd{};
    g_assert_true(gst_analytics_relation_meta_add_cls_mtd(
        meta, levels.size(), levels.data(), quarks.data(), &mtd));
    return mtd.id;
  }

  guint tracking(guint64 id) {
    GstAnalyticsTrackingMtd mtd{};
    g_assert_true(
        gst_analytics_relation_meta_add_tracking_mtd(meta, id, 0, &mtd));
    return mtd.id;
  }

  void relate(int type, guint from, guint to) {
    g_assert_true(gst_analytics_relation_meta_set_relation(
        meta, static_cast<GstAnalyticsRelTypes>(type), from, to));
  }

  GstVideoRegionOfInterestMeta* region(const char* label, int x, int id) {
    auto* region = gst_buffer_add_video_region_of_interest_meta(buffer, label,
                                                                x, 2, 30, 40);
    region->id = id;
    return region;
  }

  int relation(guint from, guint to) const {
    return gst_analytics_relation_meta_get_relation(meta, from, to);
  }

  gsize size() const { return gst_analytics_relation_get_length(meta); }

  GstBuffer* const buffer;
  GstAnalyticsRelationMeta* const meta;
};

void test_detections_come_in_order() {
  Scene scene;
  scene.detection("car", 1);
  scene.classification({{"unrelated", 1}});
  scene.detection("person", -5, 0.25);

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "car 0.5 1,2 30x40 detection 0\n"
                 "person 0.25 -5,2 30x40 detection 2\n");
}

void test_oriented_detections_are_turned() {
#if GST_CHECK_VERSION(1, 26, 0)
  Scene scene;
  GstAnalyticsODMtd mtd{};
  gst_analytics_relation_meta_add_oriented_od_mtd(
      scene.meta, g_quark_from_string("car"), 1, 2, 30, 40, 0.5, 0.25, &mtd);

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "car 0.25 1,2 30x40 turned 0.5 detection 0\n");
#else
  g_test_skip("oriented detections are in GStreamer since 1.26");
#endif
}

struct Relation {
  const char* name;
  int from_detection;
  int to_detection;
};
constexpr Relation kRelations[] = {
    {"relate-to", kRelateTo, kNone},
    {"contain", kContain, kNone},
    {"is-part-of", kNone, kIsPartOf},
    {"both-vendors", kRelateTo | kContain, kIsPartOf},
};

void test_related_classes_are_the_objects(gconstpointer data) {
  const auto& row = *static_cast<const Relation*>(data);
  Scene scene;
  const guint first = scene.detection("car", 1);
  scene.detection("person", 5);
  const guint classes = scene.classification({{"red", 0.5}, {"blue", 0.25}});
  const guint track = scene.tracking(9);
  for (const guint other : {classes, track}) {
    scene.relate(row.from_detection, first, other);
    scene.relate(row.to_detection, other, first);
  }

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "car 0.5 1,2 30x40 track 9 detection 0: red=0.5 blue=0.25\n"
                 "person 0.5 5,2 30x40 detection 1\n");
  g_assert_true(frame_labels_on(scene.buffer).empty());
}

// DL Streamer's detections are related to a list of all classes, with zeros.
void test_lists_of_classes_are_no_labels() {
  Scene scene;
  const guint detection = scene.detection("car", 1);
  for (const double level : {0.0, -1.0, static_cast<double>(kNan)})
    scene.relate(kRelateTo, detection,
                 scene.classification({{"car", level}, {"bus", level}}));
  scene.classification({{"unrelated", 0}});

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "car 0.5 1,2 30x40 detection 0\n");
  g_assert_true(frame_labels_on(scene.buffer).empty());
}

void test_odd_values_are_harmless() {
  Scene scene;
  const guint detection = scene.detection("\xff", 1, kNan);
  scene.relate(kRelateTo, detection, scene.tracking(G_MAXUINT64));
  scene.relate(kRelateTo, detection, scene.classification({{"\xc3", 1}}));
  GstAnalyticsODMtd mtd{};
  gst_analytics_relation_meta_add_od_mtd(scene.meta, 0, G_MININT, G_MAXINT, -1,
                                         0, 0, &mtd);

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "\xEF\xBF\xBD nan 1,2 30x40 detection 0: \xEF\xBF\xBD=1\n"
                 " 0 -2.14748e+09,2.14748e+09 -1x0 detection 3\n");
}

struct Pair {
  const char* name;
  const char* label;  // of the region; the detection's are "car", 1 and 0
  int x;
  int id;
  const char* expected;
};
constexpr Pair kPairs[] = {
    {"the-same-id-and-box", "", 1, 0,
     "car 0.5 1,2 30x40 region 0 detection 0\n"},
    {"the-same-label-and-box", "car", 1, 7,
     "car 0.5 1,2 30x40 region 7 detection 0\n"},
    {"the-same-box-alone", "person", 1, 7,
     "person 0 1,2 30x40 region 7\ncar 0.5 1,2 30x40 detection 0\n"},
    // Every region's id is 0 unless its element sets it.
    {"the-same-id-and-label", "car", 3, 0,
     "car 0 3,2 30x40 region 0\ncar 0.5 1,2 30x40 detection 0\n"},
};

void test_pairs_are_there_once(gconstpointer data) {
  const auto& row = *static_cast<const Pair*>(data);
  Scene scene;
  scene.detection("car", 1);
  scene.region(row.label, row.x, row.id);

  assert_objects(objects_on(scene.buffer, kNoLimit), row.expected);
}

void test_pairs_have_the_labels_of_both() {
  Scene scene;
  const guint detection = scene.detection("car", 1);
  scene.relate(kContain, detection,
               scene.classification({{"red", 0.7}, {"blue", 0.25}}));
  scene.relate(kContain, detection, scene.classification({{"red", 0.5}}));
  auto* region = scene.region("car", 1, 0);
  for (const double confidence : {0.7, 0.125})
    gst_video_region_of_interest_meta_add_param(
        region,
        gst_structure_new("x", "label", G_TYPE_STRING, "red", "confidence",
                          G_TYPE_DOUBLE, confidence, nullptr));

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "car 0.5 1,2 30x40 region 0 detection 0:"
                 " red=0.7 red=0.125 blue=0.25 red=0.5\n");
}

void test_twins_are_told_apart_by_their_ids() {
  Scene scene;
  for (int id = 0; id < 3; ++id) {
    scene.detection("car", 1);
    scene.region("car", 1, id);
  }

  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "car 0.5 1,2 30x40 region 0 detection 0\n"
                 "car 0.5 1,2 30x40 region 1 detection 1\n"
                 "car 0.5 1,2 30x40 region 2 detection 2\n");
}

void test_the_limit_counts_both_kinds() {
  Scene scene;
  scene.region("a", 10, 0);
  for (int i = 0; i < 500; ++i) scene.detection("b", i);
  scene.region("b", 499, 7);

  assert_objects(objects_on(scene.buffer, 3),
                 "a 0 10,2 30x40 region 0\n"
                 "b 0.5 499,2 30x40 region 7 detection 499\n"
                 "b 0.5 0,2 30x40 detection 0\n");
  g_assert_true(objects_on(scene.buffer, 0).empty());
}

void test_lone_classifications_are_the_frames() {
  Scene scene;
  scene.detection("car", 1);
  scene.classification({{"rain", 0.25}, {"sun", 0.75}, {"snow", 0}});
  scene.classification({{"night", 1}});

  const auto labels = frame_labels_on(scene.buffer);

  g_assert_cmpuint(labels.size(), ==, 2);
  assert_text(text_of(labels[0]), " sun=0.75 rain=0.25");
  assert_text(text_of(labels[1]), " night=1");
}

void assert_classes(const Scene& scene, guint id) {
  GstAnalyticsClsMtd mtd{};
  g_assert_true(gst_analytics_relation_meta_get_cls_mtd(scene.meta, id, &mtd));
  g_assert_cmpuint(gst_analytics_cls_mtd_get_length(&mtd), ==, 2);
  g_assert_cmpstr(g_quark_to_string(gst_analytics_cls_mtd_get_quark(&mtd, 0)),
                  ==, "Stop");
  g_assert_cmpstr(g_quark_to_string(gst_analytics_cls_mtd_get_quark(&mtd, 1)),
                  ==, "Yield");
  g_assert_cmpfloat(gst_analytics_cls_mtd_get_level(&mtd, 0), ==, 0.75f);
  g_assert_cmpfloat(gst_analytics_cls_mtd_get_level(&mtd, 1), ==, 0.25f);
}

void test_a_classification_has_both_vendors_relations() {
  Scene scene;
  const guint other = scene.detection("car", 1);
  const guint sign = scene.detection("sign", 5);
  const auto objects = objects_on(scene.buffer, kNoLimit);

  add_classification(scene.buffer, &objects[1], stop_sign());

  const guint added = sign + 1;
  g_assert_cmpuint(scene.size(), ==, 3);
  assert_classes(scene, added);
  g_assert_cmpint(scene.relation(sign, added), ==, kRelateTo | kContain);
  g_assert_cmpint(scene.relation(added, sign), ==, kIsPartOf);
  g_assert_cmpint(scene.relation(other, added), ==, kNone);
  g_assert_cmpint(scene.relation(added, other), ==, kNone);
}

void test_a_pair_gets_both_forms() {
  Scene scene;
  scene.detection("sign", 1);
  scene.region("sign", 1, 0);
  const auto objects = objects_on(scene.buffer, kNoLimit);

  add_classification(scene.buffer, &objects[0], stop_sign());

  assert_classes(scene, 1);
  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "sign 0.5 1,2 30x40 region 0 detection 0:"
                 " Stop=0.75 Yield=0.25\n");
}

void test_a_region_alone_gets_no_classification() {
  Scene scene;
  scene.region("sign", 1, 0);
  const auto objects = objects_on(scene.buffer, kNoLimit);

  add_classification(scene.buffer, &objects[0], stop_sign());

  g_assert_cmpuint(scene.size(), ==, 0);
  assert_objects(objects_on(scene.buffer, kNoLimit),
                 "sign 0 1,2 30x40 region 0: Stop=0.75\n");
}

void test_a_detection_that_is_gone_gets_nothing() {
  Scene scene;
  scene.classification({{"x", 1}});
  g_autoptr(GstBuffer) bare = gst_buffer_new();
  for (const guint id : {0u, 5u}) {
    Object object;
    object.detection = id;

    add_classification(scene.buffer, &object, stop_sign());
    add_classification(bare, &object, stop_sign());
  }

  g_assert_cmpuint(scene.size(), ==, 1);
  g_assert_null(gst_buffer_get_analytics_relation_meta(bare));
}

void test_the_frames_classification_has_no_relation() {
  Scene scene;
  scene.detection("car", 1);

  add_classification(scene.buffer, nullptr, stop_sign());

  assert_classes(scene, 1);
  g_assert_cmpint(scene.relation(0, 1), ==, kNone);
  g_assert_cmpint(scene.relation(1, 0), ==, kNone);
  g_assert_cmpuint(frame_labels_on(scene.buffer).size(), ==, 1);
}

void test_without_a_list_the_label_is_written() {
  Scene scene;

  add_classification(scene.buffer, nullptr,
                     {.label = "unknown", .confidence = 0.5});

  const auto labels = frame_labels_on(scene.buffer);
  g_assert_cmpuint(labels.size(), ==, 1);
  assert_text(text_of(labels[0]), " unknown=0.5");
}

// What an element torchclassify puts beside its classification.
void add_own_meta(GstBuffer* buffer, const char* results) {
  const char* tags[] = {nullptr};
  if (!gst_meta_get_info("torchclassify"))
    gst_meta_register_custom("torchclassify", tags, nullptr, nullptr, nullptr);
  g_autoptr(GstStructure) structure =
      gst_structure_from_string(results, nullptr);
  g_assert_nonnull(structure);
  gst_structure_set_value(
      gst_custom_meta_get_structure(
          gst_buffer_add_custom_meta(buffer, "torchclassify")),
      "results", gst_structure_get_value(structure, "results"));
}

constexpr char kOwnResult[] =
    "x, results={ (structure)[result, label=(string)held, label-id=(int)2,"
    " confidence=(double)0.25, top={"
    " (structure)[class, label=(string)Stop, confidence=(double)0.75],"
    " (structure)[class, label=(string)held, confidence=(double)0.25],"
    " (structure)[class, label=(string)Priority, confidence=(double)0] }] }";

struct Own {
  const char* name;
  std::vector<ObjectLabel> classes;
  const char* expected;
};
const Own kOwn[] = {
    {"as-in-its-meta", {{"Stop", 0.75}, {"held", 0.25}, {"Priority", 0}}, ""},
    {"the-reported-label-first", {{"held", 0.25}, {"Stop", 0.75}}, ""},
    {"the-reported-label-alone", {{"held", 0.25}}, ""},
    {"another-confidence", {{"Stop", 0.5}}, " Stop=0.5"},
    {"another-label",
     {{"Stop", 0.75}, {"Yield", 0.25}},
     " Stop=0.75 Yield=0.25"},
};

void test_own_classifications_are_left_out(gconstpointer data) {
  const auto& row = *static_cast<const Own*>(data);
  Scene scene;
  add_own_meta(scene.buffer, kOwnResult);
  scene.classification(row.classes);

  std::string text;
  for (const auto& labels : frame_labels_on(scene.buffer))
    text += text_of(labels);

  assert_text(text, row.expected);
}

void test_the_full_frame_object_is_a_detection() {
  Scene scene;
  scene.detection("car", 1);

  add_full_frame_object(scene.buffer, 640, 480, stop_sign());

  GstAnalyticsODMtd mtd{};
  g_assert_true(gst_analytics_relation_meta_get_od_mtd(scene.meta, 1, &mtd));
  int x, y, width, height;
  gst_analytics_od_mtd_get_location(&mtd, &x, &y, &width, &height, nullptr);
  g_assert_cmpint(x, ==, 0);
  g_assert_cmpint(y, ==, 24);
  g_assert_cmpint(width, ==, 640);
  g_assert_cmpint(height, ==, 480 - 24);
  g_assert_cmpstr(g_quark_to_string(gst_analytics_od_mtd_get_obj_type(&mtd)),
                  ==, "Stop");
  assert_classes(scene, 2);
  g_assert_cmpint(scene.relation(1, 2), ==, kRelateTo | kContain);
  g_assert_cmpint(scene.relation(2, 1), ==, kIsPartOf);
}

void test_the_full_frame_object_is_left_out() {
  Scene scene;
  scene.detection("Stop", 0);
  add_full_frame_object(scene.buffer, 641, 479, stop_sign());
  g_autoptr(GstBuffer) copy = gst_buffer_copy(scene.buffer);
  g_autoptr(GstBuffer) smaller = scaled(scene.buffer);

  for (GstBuffer* buffer : {scene.buffer, copy, smaller}) {
    const auto objects = objects_on(buffer, kNoLimit);
    g_assert_cmpuint(objects.size(), ==, 1);
    g_assert_cmpuint(*objects[0].detection, ==, 0);
    g_assert_true(frame_labels_on(buffer).empty());
  }
}

void test_many_detections_are_read_in_time() {
  Scene scene;
  for (int i = 0; i < 1000; ++i)
    scene.relate(kRelateTo, scene.detection("car", i),
                 scene.classification({{"red", 0.5}}));

  const gint64 start = g_get_monotonic_time();
  const auto few = objects_on(scene.buffer, 64);
  const gint64 between = g_get_monotonic_time();
  const bool none = frame_labels_on(scene.buffer).empty();
  const gint64 end = g_get_monotonic_time();

  g_test_message("64 of 1000: %" G_GINT64_FORMAT
                 " us, the frame's: %" G_GINT64_FORMAT " us",
                 between - start, end - between);
  g_assert_cmpuint(few.size(), ==, 64);
  g_assert_true(none);
  // Room for a sanitizer on a busy machine.
  g_assert_cmpint(end - start, <, 500 * 1000);
}

void add_reading_tests() {
  g_test_add_func("/analytics/detections-come-in-order",
                  test_detections_come_in_order);
  g_test_add_func("/analytics/oriented-detections-are-turned",
                  test_oriented_detections_are_turned);
  add_rows("/analytics/related-classes-are-the-objects", kRelations,
           test_related_classes_are_the_objects);
  g_test_add_func("/analytics/lists-of-classes-are-no-labels",
                  test_lists_of_classes_are_no_labels);
  g_test_add_func("/analytics/odd-values-are-harmless",
                  test_odd_values_are_harmless);
  add_rows("/analytics/a-region-and-a-detection-with", kPairs,
           test_pairs_are_there_once);
  g_test_add_func("/analytics/pairs-have-the-labels-of-both",
                  test_pairs_have_the_labels_of_both);
  g_test_add_func("/analytics/twins-are-told-apart-by-their-ids",
                  test_twins_are_told_apart_by_their_ids);
  g_test_add_func("/analytics/the-limit-counts-both-kinds",
                  test_the_limit_counts_both_kinds);
  g_test_add_func("/analytics/lone-classifications-are-the-frames",
                  test_lone_classifications_are_the_frames);
  add_rows("/analytics/an-elements-own-classification-with", kOwn,
           test_own_classifications_are_left_out);
  g_test_add_func("/analytics/many-detections-are-read-in-time",
                  test_many_detections_are_read_in_time);
}

void add_writing_tests() {
  g_test_add_func("/analytics/a-classification-has-both-vendors-relations",
                  test_a_classification_has_both_vendors_relations);
  g_test_add_func("/analytics/a-pair-gets-both-forms",
                  test_a_pair_gets_both_forms);
  g_test_add_func("/analytics/a-region-alone-gets-no-classification",
                  test_a_region_alone_gets_no_classification);
  g_test_add_func("/analytics/a-detection-that-is-gone-gets-nothing",
                  test_a_detection_that_is_gone_gets_nothing);
  g_test_add_func("/analytics/the-frames-classification-has-no-relation",
                  test_the_frames_classification_has_no_relation);
  g_test_add_func("/analytics/without-a-list-the-label-is-written",
                  test_without_a_list_the_label_is_written);
  g_test_add_func("/analytics/the-full-frame-object-is-a-detection",
                  test_the_full_frame_object_is_a_detection);
  g_test_add_func("/analytics/the-full-frame-object-is-left-out",
                  test_the_full_frame_object_is_left_out);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  add_reading_tests();
  add_writing_tests();
  return g_test_run();
}
