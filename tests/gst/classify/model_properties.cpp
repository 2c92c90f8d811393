// SPDX-License-Identifier: LGPL-2.1-or-later
// Properties of the model and the engine that runs it.
#include <glib/gstdio.h>

#include <string>

#include "classify_harness.h"
#include "property_rows.h"
#include "reports.h"
#include "support/assert_text.h"

namespace support {
namespace {

// In a folder of its own, for as long as it lives.
class File {
 public:
  explicit File(const std::string& text) {
    g_autofree char* folder = g_dir_make_tmp(nullptr, nullptr);
    folder_ = folder;
    path_ = folder_ + "/file";
    write(text);
  }
  ~File() {
    g_remove(path());
    g_rmdir(folder_.c_str());
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(const std::string& text) const {
    g_assert_true(g_file_set_contents(path(), text.c_str(), -1, nullptr));
  }
  const char* path() const { return path_.c_str(); }

 private:
  std::string folder_;
  std::string path_;
};

std::string label_of_three(const Harness& harness) {
  gst_harness_push(harness.get(), frame(3, 0));
  g_autoptr(GstBuffer) out = gst_harness_pull(harness.get());
  const std::vector<Result> results = results_on(out);
  return results.empty() ? "" : results[0].label;
}

void assert_label(const Harness& harness, const char* expected) {
  const std::string label = label_of_three(harness);
  g_assert_cmpstr(label.c_str(), ==, expected);
}

// Another model is opened beside the frames.
void assert_label_at_last(const Harness& harness, const char* expected) {
  std::string label;
  for (int i = 0; i < 1000 && label != expected; ++i) {
    label = label_of_three(harness);
    g_usleep(5'000);
  }
  g_assert_cmpstr(label.c_str(), ==, expected);
}

void set(const Harness& harness, const char* property, const char* text) {
  const ElementPtr element = element_of(harness);
  gst_util_set_object_arg(G_OBJECT(element.get()), property, text);
}

// It does not open, with one error that has the word, and stays as it was.
void assert_opening_fails(const char* model, const char* property,
                          const char* text, const char* word) {
  Lone lone(model);
  gst_util_set_object_arg(G_OBJECT(lone.element), property, text);

  g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_READY), ==,
                  GST_STATE_CHANGE_FAILURE);

  const Said said = said_on(lone.bus);
  g_assert_cmpint(said.errors, ==, 1);
  g_assert_nonnull(g_strstr_len(said.text.c_str(), -1, word));
  g_assert_cmpint(GST_STATE(lone.element), ==, GST_STATE_NULL);
}

void assert_one_warning_and_class_3(const Harness& harness, GstBus* bus) {
  const Said said = said_at_last(bus);
  g_assert_cmpint(said.warnings, ==, 1);
  g_assert_cmpint(said.errors, ==, 0);
  assert_label(harness, "class 3");
}

void model_file_effect(void) {
  Harness harness = playing("model-file=m");
  assert_label(harness, "class 3");

  set(harness, "model-file", "other");

  assert_label_at_last(harness, "other 3");
}

void model_file_misuse(void) {
  for (const char* path : {"absent", "bad", ""}) {
    Harness harness = playing("model-file=m");
    const HarnessBus bus(harness);
    set(harness, "model-file", path);
    assert_one_warning_and_class_3(harness, bus.get());
  }
}

std::string labels(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "label " + std::to_string(i) + "\n";
  return text;
}

void labels_file_effect(void) {
  const File file(labels(256));
  g_autofree char* properties =
      g_strdup_printf("model-file=m labels-file=%s", file.path());

  Harness harness = playing(properties);

  assert_label(harness, "label 3");
}

void labels_file_misuse(void) {
  const File file(labels(255));

  assert_opening_fails("m", "labels-file", file.path(), "255");
}

std::string stats_text(const Harness& harness, const char* field) {
  const ElementPtr element = element_of(harness);
  g_autoptr(GstStructure) stats = nullptr;
  g_object_get(element.get(), "stats", &stats, nullptr);
  const char* text = gst_structure_get_string(stats, field);
  g_assert_nonnull(text);
  return text;
}

void device_effect(void) {
  const Harness harness = playing("model-file=m device=cpu");

  assert_text(stats_text(harness, "device"), "cpu");
}

void device_misuse(void) {
  assert_opening_fails("m", "device", "toaster", "toaster");
}

void precision_effect(void) {
  const Harness harness = playing("model-file=m precision=bf16");

  assert_text(stats_text(harness, "precision"), "bf16");
}

// What the engine of "m" has done, as the second sees it.
guint64 shared_batches(const char* second_id) {
  Harness first = playing("model-file=m model-instance-id=one");
  g_autofree char* properties =
      g_strdup_printf("model-file=m model-instance-id=%s", second_id);
  const Harness second = playing(properties);
  assert_label(first, "class 3");
  return counter(second, "batches");
}

void model_instance_id_effect(void) {
  g_assert_cmpuint(shared_batches("one"), ==, 1);
  g_assert_cmpuint(shared_batches("two"), ==, 0);
}

// While playing it is too late: nothing happens.
void model_instance_id_misuse(void) {
  Harness harness = playing("model-file=m model-instance-id=one");
  assert_label(harness, "class 3");

  set(harness, "model-instance-id", "two");

  assert_label(harness, "class 3");
  g_assert_cmpuint(counter(harness, "batches"), ==, 2);
  g_assert_cmpuint(counter(harness, "model-swaps"), ==, 0);
}

Harness watching(const File& file) {
  g_autofree char* properties =
      g_strdup_printf("model-file=%s watch-model-file=true", file.path());
  Harness harness = playing(properties);
  assert_label(harness, "class 3");
  // Until the watch is there.
  g_usleep(100'000);
  return harness;
}

void watch_model_file_effect(void) {
  const File file("m");
  Harness harness = watching(file);

  file.write("other");

  assert_label_at_last(harness, "other 3");
}

void watch_model_file_misuse(void) {
  const File file("m");
  Harness harness = watching(file);
  const HarnessBus bus(harness);

  file.write("bad");

  assert_one_warning_and_class_3(harness, bus.get());
}

void self_check_effect(void) {
  Harness harness = playing("model-file=changed self-check=false");

  assert_label(harness, "class 3");
}

void self_check_misuse(void) {
  assert_opening_fails("changed", "self-check", "true", "logits");
}

void allow_code_effect(void) {
  Harness harness = playing("model-file=code allow-code=true");

  assert_label(harness, "class 3");
}

void allow_code_misuse(void) {
  assert_opening_fails("code", "allow-code", "false", "allow-code=true");
}

// Of frames with eight regions, in milliseconds: 7 for each round, 2 to wake up
// in, and the longest wait for a batch.
guint64 latency(const char* properties) {
  g_autofree char* all = g_strdup_printf(
      "model-file=m inference-region=static "
      "static-regions=\"a=0,0,1,1;b=0,0,1,1;c=0,0,1,1;d=0,0,1,1;"
      "e=0,0,1,1;f=0,0,1,1;g=0,0,1,1;h=0,0,1,1\" %s",
      properties);
  Harness harness = playing(all);
  assert_label(harness, "class 3");
  return gst_harness_query_latency(harness.get()) / GST_MSECOND;
}

void batch_size_effect(void) {
  g_assert_cmpuint(latency("batch-timeout=0 batch-size=8"), ==, 9);
  g_assert_cmpuint(latency("batch-timeout=0 batch-size=2"), ==, 30);
}

void workers_effect(void) {
  g_assert_cmpuint(latency("batch-timeout=0 batch-size=2 workers=2"), ==, 16);
}

void batch_timeout_effect(void) {
  g_assert_cmpuint(latency("batch-timeout=5000000 batch-size=8"), ==, 14);
}

void model_info_effect(void) {
  const Harness harness = playing("model-file=other");
  const ElementPtr element = element_of(harness);

  g_autoptr(GstStructure) info = nullptr;
  g_object_get(element.get(), "model-info", &info, nullptr);

  g_assert_cmpstr(gst_structure_get_string(info, "architecture"), ==, "fake");
  const GValue* classes = gst_structure_get_value(info, "classes");
  g_assert_cmpuint(gst_value_list_get_size(classes), ==, 128);
}

void stats_effect(void) {
  Harness harness = playing("model-file=m inference-interval=2");

  for (int i = 0; i < 3; ++i) label_of_three(harness);

  g_assert_cmpuint(counter(harness, "frames"), ==, 3);
  g_assert_cmpuint(counter(harness, "inferred"), ==, 2);
  g_assert_cmpuint(counter(harness, "skipped"), ==, 1);
}

constexpr PropertyRow kRows[] = {
    {"model-file", model_file_effect, model_file_misuse, nullptr},
    {"labels-file", labels_file_effect, labels_file_misuse, nullptr},
    {"device", device_effect, device_misuse, nullptr},
    {"precision", precision_effect, nullptr, "fp64"},
    {"model-instance-id", model_instance_id_effect, model_instance_id_misuse,
     nullptr},
    {"watch-model-file", watch_model_file_effect, watch_model_file_misuse,
     nullptr},
    {"self-check", self_check_effect, self_check_misuse, nullptr},
    {"allow-code", allow_code_effect, allow_code_misuse, nullptr},
    {"batch-size", batch_size_effect, nullptr, "1025"},
    {"workers", workers_effect, nullptr, "257"},
    {"batch-timeout", batch_timeout_effect, nullptr, "10000000001"},
    {"model-info", model_info_effect, nullptr, "x"},
    {"stats", stats_effect, nullptr, "x"},
};

}  // namespace

std::span<const PropertyRow> model_property_rows() { return kRows; }

}  // namespace support
