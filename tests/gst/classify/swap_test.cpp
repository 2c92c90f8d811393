// SPDX-License-Identifier: LGPL-2.1-or-later
// Models and labels replaced while frames flow; engine as in fake_engine.cpp.
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "camera.h"
#include "classify_harness.h"
#include "support/rows.h"
#include "support/test_files.h"

namespace {

using namespace support;
namespace fs = std::filesystem;

constexpr char kCorrupt[] = "bad";  // as a model, the fake engine refuses it

// --- under load ---

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer keeps some of its own
#else
constexpr bool kMemoryIsOurs = true;
#endif

struct Models {
  const TemporaryFolder folder;
  // Of each model's classes, the first word is the file's name.
  const std::string good = folder / "class";
  const std::string other = folder / "other";
  const std::string corrupt = folder / "corrupt";

  Models() {
    write_file(good, "good");
    write_file(other, "other");
    write_file(corrupt, kCorrupt);
  }
  const std::string& turn(int number) const {
    const std::string* turns[] = {&corrupt, &other, &good};
    return *turns[number % 3];
  }
};

// Each model is in use, or refused, before the next is asked for.
void swap_all(std::vector<std::unique_ptr<Camera>>& cameras,
              const Models& models, int number) {
  const std::string& file = models.turn(number);
  for (auto& camera : cameras) camera->set_model(file);
  for (auto& camera : cameras)
    wait_for(file.c_str(), [&] {
      return camera->swaps() + camera->warnings() == number + 1;
    });
}

void test_a_thousand_swaps_lose_and_mislabel_no_frame(void) {
  constexpr int kSwaps = 1000;
  const Models models;
  std::vector<std::unique_ptr<Camera>> cameras;
  for (int i = 0; i < 2; ++i)
    cameras.push_back(std::make_unique<Camera>(models.good));
  long settled = 0;  // resident memory, kB

  for (int i = 0; i < kSwaps; ++i) {
    swap_all(cameras, models, i);
    if (i == 99)
      settled = resident_memory();
  }
  const long resident = resident_memory();
  for (auto& camera : cameras) camera->end();

  for (const auto& camera : cameras) {
    g_test_message("%d frames", camera->sent());
    g_assert_cmpint(camera->received(), ==, camera->sent());
    g_assert_cmpint(camera->mislabelled(), ==, 0);
    g_assert_cmpint(camera->warnings(), ==, (kSwaps + 2) / 3);
  }
  g_test_message("%ld kB after 100 swaps, %ld after %d", settled, resident,
                 kSwaps);
  if (kMemoryIsOurs)
    g_assert_cmpint(std::abs(resident - settled), <=, settled / 50);
}

// --- what cannot be used ---

struct BadModel {
  const char* name;
  const char* model;
  GQuark (*domain)(void);
  int code;
};
constexpr BadModel kBadModels[] = {
    {"an-absent-file", "absent", gst_resource_error_quark,
     GST_RESOURCE_ERROR_NOT_FOUND},
    {"an-unreadable-file", "unreadable", gst_resource_error_quark,
     GST_RESOURCE_ERROR_OPEN_READ},
    {"bad-data", kCorrupt, gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
    {"an-unsupported-model", "unsupported", gst_stream_error_quark,
     GST_STREAM_ERROR_NOT_IMPLEMENTED},
    {"no-file", "", gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND},
};

void test_a_model_that_cannot_be_used_is_one_warning(gconstpointer data) {
  const auto& c = *static_cast<const BadModel*>(data);
  Harness harness = playing("model-file=first");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "model-file", c.model, nullptr);

  assert_one_warning(bus.get(), c.domain(), c.code);
  assert_next_label(harness, "class 30");
  g_object_set(element.get(), "model-file", "other", nullptr);
  wait_for_first_class(element.get(), "other 0");
  assert_next_label(harness, "other 30");
}

struct BadLabels {
  const char* name;
  const char* content;  // null: there is no file
  GQuark (*domain)(void);
  int code;
};
constexpr BadLabels kBadLabels[] = {
    {"absent", nullptr, gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND},
    {"too-few", "one\ntwo\n", gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
    {"empty", "", gst_stream_error_quark, GST_STREAM_ERROR_DECODE},
};

void test_labels_that_do_not_fit_are_one_warning(gconstpointer data) {
  const auto& c = *static_cast<const BadLabels*>(data);
  const TemporaryFolder folder;
  const fs::path labels = folder / "labels";
  if (c.content)
    write_file(labels, c.content);
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);

  g_object_set(element_of(harness).get(), "labels-file", labels.c_str(),
               nullptr);

  assert_one_warning(bus.get(), c.domain(), c.code);
  assert_next_label(harness, "class 30");
}

// --- labels, and at other times ---

// "NAME 0" to "NAME 255" or 127.
std::string label_lines(const char* name, int count) {
  std::ostringstream lines;
  for (int i = 0; i < count; ++i) lines << name << ' ' << i << '\n';
  return lines.str();
}

void test_labels_are_replaced(void) {
  const TemporaryFolder folder;
  write_file(folder / "labels", label_lines("mine", 256));
  Harness harness = playing("model-file=m");
  const ElementPtr element = element_of(harness);

  g_object_set(element.get(), "labels-file", (folder / "labels").c_str(),
               nullptr);
  wait_for_first_class(element.get(), "mine 0");

  assert_next_label(harness, "mine 30");
  g_object_set(element.get(), "labels-file", nullptr, nullptr);
  wait_for_first_class(element.get(), "class 0");
  assert_next_label(harness, "class 30");
}

// The model before with the labels to come would be refused, as would the
// opposite.
void test_model_and_labels_set_together_are_one_swap(void) {
  const TemporaryFolder folder;
  write_file(folder / "long", label_lines("long", 256));
  write_file(folder / "short", label_lines("short", 128));
  Harness harness = playing("model-file=m");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);
  assert_next_label(harness, "class 30");

  g_object_set(element.get(), "model-file", "other", "labels-file",
               (folder / "short").c_str(), nullptr);
  wait_for_first_class(element.get(), "short 0");
  assert_next_label(harness, "short 30");
  g_object_set(element.get(), "labels-file", (folder / "long").c_str(),
               "model-file", "m", nullptr);
  wait_for_first_class(element.get(), "long 0");

  assert_next_label(harness, "long 30");
  g_assert_cmpuint(counter(harness, "model-swaps"), ==, 2);
  g_assert_null(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_WARNING));
}

void test_a_model_set_in_null_is_opened_in_ready(void) {
  Lone lone("bad");
  g_object_set(lone.element, "model-file", "other", nullptr);

  g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_READY), ==,
                  GST_STATE_CHANGE_SUCCESS);

  g_assert_true(first_class(lone.element) == "other 0");
  g_assert_null(gst_bus_pop_filtered(
      lone.bus,
      static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING)));
}

void test_a_model_set_in_ready_is_swapped(void) {
  Lone lone("first");
  gst_element_set_state(lone.element, GST_STATE_READY);

  g_object_set(lone.element, "model-file", "other", nullptr);
  wait_for_first_class(lone.element, "other 0");

  g_object_set(lone.element, "model-file", kCorrupt, nullptr);
  assert_one_warning(lone.bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
  g_assert_true(first_class(lone.element) == "other 0");
}

// It is opened again, and first, when the element is.
void test_closing_while_a_model_opens_is_quiet(void) {
  Lone lone("first");
  for (int i = 0; i < 3; ++i) {
    g_object_set(lone.element, "model-file", "first", nullptr);
    gst_element_set_state(lone.element, GST_STATE_READY);
    g_object_set(lone.element, "model-file", "heavy other", nullptr);
    g_usleep(i * 50'000);

    g_assert_cmpint(gst_element_set_state(lone.element, GST_STATE_NULL), ==,
                    GST_STATE_CHANGE_SUCCESS);
  }

  gst_element_set_state(lone.element, GST_STATE_READY);
  g_assert_true(first_class(lone.element) == "other 0");
  g_assert_null(gst_bus_pop_filtered(lone.bus, GST_MESSAGE_WARNING));
}

// Its answers would come to an element that is no more. One takes a second.
void test_closing_waits_for_what_is_inferred(void) {
  Harness harness = playing("model-file=slow");
  gst_harness_push(harness.get(), frame(30, 0));
  const gint64 before = g_get_monotonic_time();

  harness.reset();

  g_assert_cmpint(g_get_monotonic_time() - before, >, 900'000);
}

void test_of_many_swaps_the_last_one_counts(void) {
  Harness harness = playing("model-file=first");
  const HarnessBus bus(harness);
  const ElementPtr element = element_of(harness);

  for (int i = 1; i < 50; ++i) {
    g_autofree char* model = g_strdup_printf("m%d", i);
    g_object_set(element.get(), "model-file", i % 3 ? model : kCorrupt,
                 nullptr);
  }
  g_object_set(element.get(), "model-file", "other", nullptr);
  wait_for_first_class(element.get(), "other 0");

  for (int i = 0; i < 100; ++i) assert_next_label(harness, "other 30");
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  g_test_init(&argc, &argv, nullptr);
  g_test_add_func("/swap/a-thousand-swaps-lose-and-mislabel-no-frame",
                  test_a_thousand_swaps_lose_and_mislabel_no_frame);
  add_rows("/swap/a-model-that-cannot-be-used-is-one-warning", kBadModels,
           test_a_model_that_cannot_be_used_is_one_warning);
  add_rows("/swap/labels-that-do-not-fit-are-one-warning", kBadLabels,
           test_labels_that_do_not_fit_are_one_warning);
  g_test_add_func("/swap/labels-are-replaced", test_labels_are_replaced);
  g_test_add_func("/swap/model-and-labels-set-together-are-one-swap",
                  test_model_and_labels_set_together_are_one_swap);
  g_test_add_func("/swap/a-model-set-in-null-is-opened-in-ready",
                  test_a_model_set_in_null_is_opened_in_ready);
  g_test_add_func("/swap/a-model-set-in-ready-is-swapped",
                  test_a_model_set_in_ready_is_swapped);
  g_test_add_func("/swap/closing-while-a-model-opens-is-quiet",
                  test_closing_while_a_model_opens_is_quiet);
  g_test_add_func("/swap/closing-waits-for-what-is-inferred",
                  test_closing_waits_for_what_is_inferred);
  g_test_add_func("/swap/of-many-swaps-the-last-one-counts",
                  test_of_many_swaps_the_last_one_counts);
  return g_test_run();
}
