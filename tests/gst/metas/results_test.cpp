// SPDX-License-Identifier: LGPL-2.1-or-later
// Results read through the C library, as its users' programs do.
#include "torchclassify/results.h"

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>

#include "support/assert_text.h"
#include "support/rows.h"

namespace {

using namespace support;

constexpr char kComplete[] =
    "torchclassify, timestamp=(guint64)4, stream-time=(guint64)5,"
    " running-time=(guint64)6, duration=(guint64)7, model=(string)signs,"
    " results={ (structure)[result, region=(string)object,"
    " label=(string)Stop, label-id=(int)14, confidence=(double)0.75,"
    " age=(guint64)40, object-id=(int)3, object-class=(string)sign,"
    " x=(int)-1, y=(int)2, width=(int)30, height=(int)40, top={"
    " (structure)[class, label=(string)Stop, label-id=(int)14,"
    " confidence=(double)0.75, present=(boolean)true],"
    " (structure)[class, label=(string)Yield, label-id=(int)13,"
    " confidence=(double)0.5, present=(boolean)true] }] }";
constexpr char kCompleteRead[] =
    "4 5 6 7 signs: object Stop 14 0.75 40 3 sign -1,2 30x40"
    " (Stop 14 0.75 yes)(Yield 13 0.5 yes)";

struct FrameFree {
  void operator()(TorchClassifyFrame* frame) const {
    torchclassify_frame_free(frame);
  }
};
using FramePtr = std::unique_ptr<TorchClassifyFrame, FrameFree>;

GstStructure* parse(const char* text) {
  GstStructure* structure = gst_structure_from_string(text, nullptr);
  g_assert_nonnull(structure);
  return structure;
}

// Adds a meta of that name with the structure's fields.
void add_meta(GstBuffer* buffer, const char* name, const char* text) {
  const char* tags[] = {nullptr};
  if (!gst_meta_get_info(name))
    gst_meta_register_custom(name, tags, nullptr, nullptr, nullptr);
  g_autoptr(GstStructure) structure = parse(text);
  GstStructure* target =
      gst_custom_meta_get_structure(gst_buffer_add_custom_meta(buffer, name));
  gst_structure_foreach(
      structure,
      [](GQuark field, const GValue* value, gpointer data) -> gboolean {
        gst_structure_id_set_value(static_cast<GstStructure*>(data), field,
                                   value);
        return TRUE;
      },
      target);
}

GstBuffer* buffer_with(std::initializer_list<const char*> texts) {
  GstBuffer* buffer = gst_buffer_new();
  for (const char* text : texts) add_meta(buffer, "torchclassify", text);
  return buffer;
}

std::string time_text(GstClockTime time) {
  return GST_CLOCK_TIME_IS_VALID(time) ? std::to_string(time) : "none";
}

std::string number(double value) {
  g_autofree char* text = g_strdup_printf("%g", value);
  return text;
}

std::string describe(const TorchClassifyResult& result) {
  g_autofree char* head = g_strdup_printf(
      " %s %s %d %g %s %d %s %d,%d %dx%d ", result.region, result.label,
      result.label_id, result.confidence, time_text(result.age).c_str(),
      result.object_id, result.object_class, result.x, result.y, result.width,
      result.height);
  std::string text = head;
  for (guint i = 0; i < result.n_top; ++i) {
    const TorchClassifyClass& one = result.top[i];
    text.append("(").append(one.label).append(" ");
    text.append(std::to_string(one.label_id)).append(" ");
    text.append(number(one.confidence)).append(one.present ? " yes)" : " no)");
  }
  return text;
}

// All that it says, in the order of the header.
std::string describe(const FramePtr& frame) {
  std::string text;
  for (const GstClockTime time : {frame->timestamp, frame->stream_time,
                                  frame->running_time, frame->duration})
    text.append(time_text(time)).append(" ");
  text.append(frame->model).append(":");
  for (guint i = 0; i < frame->n_results; ++i)
    text.append(describe(frame->results[i]));
  return text;
}

std::string read_first(GstBuffer* buffer) {
  gpointer state = nullptr;
  const FramePtr frame(torchclassify_frame_next(buffer, &state));
  g_assert_nonnull(frame);
  return describe(frame);
}

void test_a_message_is_read() {
  g_autoptr(GstMessage) message =
      gst_message_new_element(nullptr, parse(kComplete));

  const FramePtr frame(torchclassify_frame_from_message(message));

  g_assert_nonnull(frame);
  assert_text(describe(frame), kCompleteRead);
}

void test_other_messages_are_none() {
  g_autoptr(GstMessage) eos = gst_message_new_eos(nullptr);
  g_autoptr(GstMessage) level =
      gst_message_new_element(nullptr, gst_structure_new_empty("level"));
  g_autoptr(GstMessage) application =
      gst_message_new_application(nullptr, parse(kComplete));

  for (GstMessage* message : {eos, level, application})
    g_assert_null(torchclassify_frame_from_message(message));
}

void test_each_meta_is_read_in_order() {
  g_autoptr(GstBuffer) buffer =
      buffer_with({"torchclassify, model=(string)first",
                   "torchclassify, model=(string)second"});
  add_meta(buffer, "somebody-else", "x, model=(string)other");
  add_meta(buffer, "torchclassify", "torchclassify, model=(string)third");

  std::string models;
  gpointer state = nullptr;
  while (const FramePtr frame{torchclassify_frame_next(buffer, &state)})
    models.append(frame->model).append(" ");

  assert_text(models, "first second third ");
}

void test_a_buffer_without_metas_has_no_frame() {
  g_autoptr(GstBuffer) buffer = buffer_with({});
  add_meta(buffer, "somebody-else", kComplete);
  gpointer state = nullptr;

  g_assert_null(torchclassify_frame_next(buffer, &state));
}

void test_a_frame_outlives_its_buffer() {
  GstBuffer* buffer = buffer_with({kComplete});
  gpointer state = nullptr;

  const FramePtr frame(torchclassify_frame_next(buffer, &state));
  gst_buffer_unref(buffer);

  assert_text(describe(frame), kCompleteRead);
}

void test_nothing_to_free_is_fine() { torchclassify_frame_free(nullptr); }

constexpr char kBare[] = "none none none none :";
constexpr char kBareResult[] =
    "none none none none :  unknown -1 0 0 -1  0,0 0x0 ";

struct Case {
  const char* name;
  const char* fields;
  const char* expected;
};

// Fields of the frame itself.
constexpr Case kFrames[] = {
    {"none", "", kBare},
    {"numbers-for-strings", ", model=(int)3", kBare},
    {"signed-times", ", timestamp=(gint64)3, duration=(int)-3", kBare},
    {"text-for-times", ", timestamp=(string)3", kBare},
    {"results-that-are-a-number", ", results=(int)3", kBare},
    {"results-that-are-an-array",
     ", results=(structure)< (structure)[result, x=(int)1] >", kBare},
    {"results-that-are-one-structure", ", results=(structure)[result]", kBare},
    {"no-results", ", results={ }", kBare},
    {"results-of-mixed-types",
     ", results={ (int)3, (structure)[other], (string)result }", kBare},
};

// Fields of its one result.
constexpr Case kResults[] = {
    {"none", "", kBareResult},
    {"wrong-types",
     ", region=(int)1, label=(int)1, label-id=(string)1, age=(int)1,"
     " confidence=(string)1, object-id=(double)1, object-class=(int)1,"
     " x=(double)1, y=(string)1, width=(guint64)1, height=(float)1,"
     " top=(string)1",
     kBareResult},
    {"negative-numbers",
     ", label-id=(int)-7, object-id=(int)-2147483648, width=(int)-5,"
     " height=(int)-2147483648, confidence=(double)-0.5",
     kBareResult},
    {"nan", ", confidence=(double)nan", kBareResult},
    {"infinity", ", confidence=(double)inf", kBareResult},
    {"a-confidence-above-one", ", confidence=(double)1.01", kBareResult},
    {"a-confidence-rounded-up", ", confidence=(double)1.0000001",
     "none none none none :  unknown -1 1 0 -1  0,0 0x0 "},
    {"extreme-boxes",
     ", x=(int)-2147483648, y=(int)2147483647, width=(int)2147483647",
     "none none none none :  unknown -1 0 0 -1  -2147483648,2147483647 "
     "2147483647x0 "},
    {"an-empty-top", ", top={ }", kBareResult},
    {"a-top-of-other-things", ", top={ (int)3, (structure)[result] }",
     kBareResult},
    {"results-within",
     ", top={ (structure)[class, top={ (structure)[class] }]}",
     "none none none none :  unknown -1 0 0 -1  0,0 0x0 (unknown -1 0 no)"},
    {"wrong-types-in-the-top",
     ", top={ (structure)[class, label=(int)1, label-id=(double)1,"
     " confidence=(int)1, present=(int)1] }",
     "none none none none :  unknown -1 0 0 -1  0,0 0x0 (unknown -1 0 no)"},
    {"a-top-of-before-present-was",
     ", label=(string)b, label-id=(int)1, top={"
     " (structure)[class, label=(string)b, label-id=(int)1],"
     " (structure)[class, label=(string)a, label-id=(int)0] }",
     "none none none none :  b 1 0 0 -1  0,0 0x0 (b 1 0 yes)(a 0 0 no)"},
};

void test_frame_fields(gconstpointer data) {
  const auto& row = *static_cast<const Case*>(data);
  g_autofree char* text = g_strconcat("torchclassify", row.fields, nullptr);
  g_autoptr(GstBuffer) buffer = buffer_with({text});

  assert_text(read_first(buffer), row.expected);
}

void test_result_fields(gconstpointer data) {
  const auto& row = *static_cast<const Case*>(data);
  g_autofree char* text = g_strdup_printf(
      "torchclassify, results={ (structure)[result%s] }", row.fields);
  g_autoptr(GstBuffer) buffer = buffer_with({text});

  assert_text(read_first(buffer), row.expected);
}

// GStreamer refuses such a string, but not one that changes later.
void test_strings_become_utf8() {
  g_autoptr(GstBuffer) buffer =
      buffer_with({"torchclassify, model=(string)abc"});
  GstStructure* structure = gst_custom_meta_get_structure(
      gst_buffer_get_custom_meta(buffer, "torchclassify"));
  std::strcpy(const_cast<char*>(gst_structure_get_string(structure, "model")),
              "\xff\xc3");

  const std::string text = read_first(buffer);

  assert_text(text, "none none none none \xEF\xBF\xBD\xEF\xBF\xBD:");
}

void test_many_results_are_read() {
  std::string text = "torchclassify, results={ (structure)[result]";
  for (int i = 1; i < 1000; ++i) {
    text.append(", (structure)[result, x=(int)");
    text.append(std::to_string(i)).append("]");
  }
  text.append(" }");
  g_autoptr(GstBuffer) buffer = buffer_with({text.c_str()});
  gpointer state = nullptr;

  const FramePtr frame(torchclassify_frame_next(buffer, &state));

  g_assert_cmpuint(frame->n_results, ==, 1000);
  for (guint i = 0; i < frame->n_results; ++i)
    g_assert_cmpint(frame->results[i].x, ==, i);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/results/a-message-is-read", test_a_message_is_read);
  g_test_add_func("/results/other-messages-are-none",
                  test_other_messages_are_none);
  g_test_add_func("/results/each-meta-is-read-in-order",
                  test_each_meta_is_read_in_order);
  g_test_add_func("/results/a-buffer-without-metas-has-no-frame",
                  test_a_buffer_without_metas_has_no_frame);
  g_test_add_func("/results/a-frame-outlives-its-buffer",
                  test_a_frame_outlives_its_buffer);
  g_test_add_func("/results/nothing-to-free-is-fine",
                  test_nothing_to_free_is_fine);
  add_rows("/results/a-frame-with", kFrames, test_frame_fields);
  add_rows("/results/a-result-with", kResults, test_result_fields);
  g_test_add_func("/results/strings-become-utf-8", test_strings_become_utf8);
  g_test_add_func("/results/many-are-read", test_many_results_are_read);
  return g_test_run();
}
